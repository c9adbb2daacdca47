#include "mooring/net/exit_at.hpp"

#include <cstdlib>
#include <thread>

namespace mooring {

void exit_at(steady_time when, int exit_code) {
  std::thread([when, exit_code] {
    std::this_thread::sleep_until(when);
    std::_Exit(exit_code);
  }).detach();
}

}  // namespace mooring
