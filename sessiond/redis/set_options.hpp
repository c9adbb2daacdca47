// What follows key and value in SET: NX, XX, EX seconds, PX milliseconds. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>

#include "mooring/base/error.hpp"

namespace mooring::sessiond {

struct set_options {
  bool only_new = false;                          // NX
  bool only_existing = false;                     // XX
  std::optional<std::chrono::milliseconds> life;  // EX, PX; positive
};

// errc::invalid_argument for everything else, GET and KEEPTTL included.
result<set_options> parse_set_options(std::span<const std::string> words);

// Sessions expire on whole seconds; never earlier than asked.
std::int64_t whole_seconds(std::chrono::milliseconds life);

}  // namespace mooring::sessiond
