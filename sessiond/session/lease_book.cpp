#include "sessiond/session/lease_book.hpp"

namespace mooring::sessiond {

void lease_book::hold(const std::string& key, stored_session session, steady_time now) {
  const auto [at, is_new] = leases_.try_emplace(key);
  if (is_new) at->second.first_taken = now;
  at->second.session.reset();
  if (now >= sure_since_) at->second.session = std::move(session);
  at->second.ends = now + time_;
}

void lease_book::renewed(const std::string& key, steady_time now) {
  const auto found = leases_.find(key);
  if (found != leases_.end()) found->second.ends = now + time_;
}

void lease_book::unsure(const std::string& key) {
  const auto found = leases_.find(key);
  if (found != leases_.end()) found->second.session.reset();
}

void lease_book::unsure_of_all(steady_time now) {
  sure_since_ = now;
  for (auto& [key, held] : leases_)
    held.session.reset();
}

const stored_session* lease_book::usable(const std::string& key, steady_time now) const {
  const auto found = leases_.find(key);
  if (found == leases_.end() || !found->second.session || found->second.ends - now < time_ / 3) return nullptr;
  return &*found->second.session;
}

bool lease_book::held_longer_than(const std::string& key, milliseconds tenure, steady_time now) const {
  const auto found = leases_.find(key);
  return found != leases_.end() && now - found->second.first_taken > tenure;
}

std::vector<std::string> lease_book::due(steady_time now) const {
  std::vector<std::string> out;
  for (const auto& [key, held] : leases_)
    if (held.ends - now < time_ * 2 / 3) out.push_back(key);
  return out;
}

}  // namespace mooring::sessiond
