// The one script that php-redis sends: "delete the lock when it is mine". Pure.
//
// It is recognised by its bytes or its SHA-1, never run. Every other hash is answered with -NOSCRIPT, upon which a
// client sends the text.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mooring/resp/parser.hpp"

namespace mooring::sessiond {

inline constexpr std::string_view release_script =
    "if redis.call(\"get\",KEYS[1]) == ARGV[1] then return redis.call(\"del\",KEYS[1]) else return 0 end";
inline constexpr std::string_view release_script_sha1 = "b70c2384248f88e6b75b9f89241a180f856ad852";

struct release_call {
  std::string lock_key;
  std::string secret;
};

// From EVAL or EVALSHA, the command's name being request[0].
std::optional<release_call> recognise_release(const resp_request& request);

}  // namespace mooring::sessiond
