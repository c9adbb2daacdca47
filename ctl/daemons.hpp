// Asking the two daemons how they are.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ctl/toolbox.hpp"

namespace mooring::ctl {

// INFO of sessiond, "name:value" lines. The error names the socket and what to do.
task<result<std::string>> ask_sessiond(std::string socket, steady_time deadline);
std::vector<std::pair<std::string, std::string>> info_lines(std::string_view info);
std::optional<std::string> info_value(std::string_view info, std::string_view name);

struct check_report {
  std::string name;
  std::string status;  // pass, warn, fail
  std::string output;  // why, when not pass
};

struct node_report {
  std::string status;
  std::string verdict;  // pass, warn, fail, starting, draining
  std::vector<check_report> checks;
  std::vector<std::string> region_warnings;
};

// The sidecar's /status.json. The error names the admin address and what to do.
task<result<node_report>> ask_sidecar(http_client& http, std::string admin, steady_time deadline);

}  // namespace mooring::ctl
