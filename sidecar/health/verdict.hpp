// From the states of all checks to the one word that a load balancer gets.
//
//   draining   the process was told to stop; wins over everything
//   fail       a check that may fail the node is down
//   starting   such a check has no outcome yet, so nobody can vouch for this node
//   warn       a check that only warns is down, or one is down because of overload; the node stays in service
//   pass
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hysteresis.hpp"

namespace mooring::sidecar {

enum class verdict_kind { pass, warn, fail, starting, draining };  // the values of mooring_sidecar_verdict

std::string_view name_of(verdict_kind kind);

// Whether this node belongs into a load balancer's rotation.
bool in_service(verdict_kind kind);

// What a check that is down does to the node. An advisory check is one that warns.
enum class on_failure { fail, warn };

struct check_standing {
  std::string name;
  check_state state = check_state::unknown;
  on_failure consequence = on_failure::fail;
  std::string last_failure;
  // What is down asks for less load. Taking the node out would send its load to the others, so it only warns.
  bool overloaded = false;
};

struct verdict {
  verdict_kind kind = verdict_kind::starting;
  std::vector<std::string> reasons;  // one per check that is not up, "mysql: ..."
};

verdict judge(const std::vector<check_standing>& checks, bool draining);

}  // namespace mooring::sidecar
