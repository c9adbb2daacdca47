#include "sessiond/journal/key_turns.hpp"

namespace mooring::sessiond {

task<std::optional<key_turns::turn>> key_turns::take(std::string key, steady_time deadline) {
  std::optional<turn> out;
  while (taken_.count(key) != 0) {
    const bool changed = co_await wait(key, deadline);
    if (!changed) co_return out;
  }
  taken_.insert(key);
  out.emplace(*this, std::move(key));
  co_return out;
}

task<bool> key_turns::wait(std::string key, steady_time deadline) {
  asio::steady_timer until(executor_, deadline);
  const auto at = waiting_.emplace(key, &until);
  const auto [cancelled] = co_await until.async_wait(nothrow);
  waiting_.erase(at);
  co_return cancelled == asio::error::operation_aborted;
}

void key_turns::notify(const std::string& key) {
  const auto [first, last] = waiting_.equal_range(key);
  for (auto at = first; at != last; ++at)
    at->second->cancel();
}

void key_turns::give_back(const std::string& key) {
  taken_.erase(key);
  notify(key);
}

}  // namespace mooring::sessiond
