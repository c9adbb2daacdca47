// Where every check's last outcome hangs, and the verdict that follows from them.
//
// The scheduler's outcomes go in, everything that the daemon tells about itself comes out. What goes in changes no
// verdict before judge_again(), so that several facts that belong together are judged once. Pure: the caller says what
// time it is.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "mooring/base/clock.hpp"
#include "outcome.hpp"
#include "verdict.hpp"

namespace mooring::sidecar {

struct check_report {
  check_standing standing;
  std::string component_type;  // of draft-inadarei-api-health-check: component, datastore or system
  outcome last;
  std::optional<wall_time> last_run;
  std::optional<wall_time> since;  // when the state became what it is
};

class status_board {
 public:
  // The number by which record() knows the check.
  std::size_t add(std::string name, std::string component_type, on_failure consequence);

  void record(std::size_t check, const outcome& found, check_state state, wall_time now);
  void set_draining(bool draining) { draining_ = draining; }
  void set_consequence(std::size_t check, on_failure consequence);

  // True: the verdict's kind is another one than before.
  bool judge_again();

  const verdict& current() const { return current_; }
  const std::vector<check_report>& checks() const { return checks_; }

 private:
  std::vector<check_report> checks_;
  bool draining_ = false;
  verdict current_ = judge({}, false);
};

}  // namespace mooring::sidecar
