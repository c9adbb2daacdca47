#include "hysteresis.hpp"

namespace mooring::sidecar {

std::string_view name_of(check_state state) {
  switch (state) {
    case check_state::unknown:
      return "unknown";
    case check_state::up:
      return "up";
    case check_state::down:
      return "down";
  }
  return "unknown";
}

bool hysteresis::record(bool ok) {
  const check_state seen = ok ? check_state::up : check_state::down;
  if (seen == state_) {
    against_ = 0;
    return false;
  }
  const int needed = ok ? rise_ : fall_;
  if (state_ != check_state::unknown && ++against_ < needed) return false;
  state_ = seen;
  against_ = 0;
  return true;
}

}  // namespace mooring::sidecar
