// The command line that both daemons share: --config, --check-config, --version, --help.
#pragma once

#include <string>
#include <variant>

#include "mooring/settings/settings.hpp"

namespace mooring {

inline constexpr const char* default_config_path = "/etc/mooring/mooring.toml";
inline constexpr int exit_usage = 2;  // wrong flag, wrong setting, or something that start-up needs is missing

// The settings to run with, or the exit code when everything has been said already: 0 after --help, --version and a
// good --check-config, 2 after a fault. Each fault is one line on standard error.
std::variant<settings, int> read_daemon_options(int argc, const char* const* argv, const std::string& program,
                                                const std::string& purpose);

}  // namespace mooring
