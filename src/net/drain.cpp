#include "mooring/net/drain.hpp"

namespace mooring {

drain_register::drain_register(const asio::any_io_executor& executor) : empty_(executor) {}

drain_register::ticket::ticket(drain_register& owner, listener on_request)
    : owner_(owner), place_(owner.live_.insert(owner.live_.end(), std::move(on_request))) {
  if (owner_.draining_) (*place_)(request::stop_reading);
}

drain_register::ticket::~ticket() {
  owner_.live_.erase(place_);
  if (owner_.draining_ && owner_.live_.empty()) owner_.empty_.cancel();
}

task<void> drain_register::ask_and_wait(request what, milliseconds time) {
  for (const auto& on_request : live_)
    on_request(what);
  if (live_.empty()) co_return;
  empty_.expires_after(time);
  co_await empty_.async_wait(nothrow);
}

task<bool> drain_register::drain(milliseconds finish, milliseconds grace) {
  draining_ = true;
  co_await ask_and_wait(request::end_when_done, finish);
  co_await ask_and_wait(request::stop_reading, grace);
  co_return live_.empty();
}

}  // namespace mooring
