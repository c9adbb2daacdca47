// What credentials from outside must look like before they are used.
#pragma once

#include "mooring/credentials/source.hpp"

namespace mooring {

// Far above what AWS hands out; a session token has about 1 KB.
constexpr std::size_t longest_key = 512;
constexpr std::size_t longest_token = 16 * 1024;

// The largest answer of a source that is read.
constexpr std::size_t longest_answer = 64 * 1024;

// The keys end up in HTTP headers: both there, of printable ASCII and not too long. The error does not repeat them.
result<void> check_keys(const credentials& keys, std::string_view source);

// Foreign text for the end of an error's sentence: its last `longest` bytes, on one line.
std::string one_line(std::string_view text, std::size_t longest = 300);

}  // namespace mooring
