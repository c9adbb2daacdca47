// Turns a stream of outcomes into a state that does not flap: `fall` failures in a row take a check down, `rise`
// successes in a row bring it back up.
//
// The first outcome decides at once: nothing is known before it, so there is nothing to protect. Pure: no clock.
#pragma once

#include <string_view>

namespace mooring::sidecar {

enum class check_state { unknown, up, down };

std::string_view name_of(check_state state);

class hysteresis {
 public:
  hysteresis(int rise, int fall) : rise_(rise), fall_(fall) {}

  // True: the state changed.
  bool record(bool ok);

  check_state state() const { return state_; }

  // The last outcome contradicts the state, or there is none yet: look again soon.
  bool in_doubt() const { return state_ == check_state::unknown || against_ > 0; }

 private:
  int rise_;
  int fall_;
  check_state state_ = check_state::unknown;
  int against_ = 0;  // outcomes in a row that contradict the state
};

}  // namespace mooring::sidecar
