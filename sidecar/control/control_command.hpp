// What an operator may ask of the sidecar, as one line of text. Pure.
//
//   status | drain | undrain | unpin | pin REGION SECONDS REASON... | undrill | drill REGION SECONDS
//
// The answer is one line as well, "OK ..." or "ERR why".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "mooring/base/error.hpp"

namespace mooring::sidecar {

constexpr std::size_t max_control_line = 1024;

struct status_command {};
struct drain_command {
  bool drain = true;  // false: back into service
};
struct unpin_command {};
struct pin_command {
  std::string region;
  std::int64_t seconds = 0;
  std::string reason;
};
struct drill_command {
  std::string region;
  std::int64_t seconds = 0;
};
struct undrill_command {};
using control_command =
    std::variant<status_command, drain_command, unpin_command, pin_command, drill_command, undrill_command>;

// errc::invalid_argument says what to write instead.
result<control_command> parse_control_command(std::string_view line);

}  // namespace mooring::sidecar
