// What was typed: the command, its options, and the configuration file.
#pragma once

#include <functional>
#include <string>
#include <variant>

#include "ctl/commands.hpp"

namespace mooring::ctl {

struct command_line {
  std::string config_path;
  bool config_may_be_absent = true;
  std::function<int(toolbox&)> command;
};

// The exit code when everything has been said already: 0 after --help and --version, 2 after a mistake.
std::variant<command_line, int> read_command_line(int argc, const char* const* argv);

}  // namespace mooring::ctl
