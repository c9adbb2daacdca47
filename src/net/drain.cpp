#include "mooring/net/drain.hpp"

namespace mooring {

drain_register::drain_register(const asio::any_io_executor& executor) : empty_(executor) {}

drain_register::ticket::ticket(drain_register& owner, std::function<void()> stop_reading)
    : owner_(owner), place_(owner.live_.insert(owner.live_.end(), std::move(stop_reading))) {
  if (owner_.draining_) (*place_)();
}

drain_register::ticket::~ticket() {
  owner_.live_.erase(place_);
  if (owner_.draining_ && owner_.live_.empty()) owner_.empty_.cancel();
}

task<bool> drain_register::drain(milliseconds grace) {
  draining_ = true;
  for (const auto& stop_reading : live_)
    stop_reading();
  if (!live_.empty()) {
    empty_.expires_after(grace);
    co_await empty_.async_wait(nothrow);
  }
  co_return live_.empty();
}

}  // namespace mooring
