#include "pause.hpp"

#include "mooring/net/deadline.hpp"

namespace mooring::sidecar {

task<void> pause_unless(std::function<bool()> over, milliseconds time) {
  const steady_time end = std::chrono::steady_clock::now() + time;
  while (!over() && std::chrono::steady_clock::now() < end) {
    const steady_time next = std::min(end, std::chrono::steady_clock::now() + pause_look_every);
    const bool slept = co_await sleep_until(next);
    if (!slept) co_return;
  }
}

}  // namespace mooring::sidecar
