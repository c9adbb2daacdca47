// A command line cut into words as a POSIX shell would, without a shell: blanks, '...', "..." and backslashes, and
// nothing else. $ ~ * | ; & < > are plain signs, because no shell will ever see them. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mooring/base/error.hpp"

namespace mooring {

// errc::misconfigured for an open quote, a backslash at the end, a zero byte, and a line without a word.
result<std::vector<std::string>> split_command(std::string_view line);

}  // namespace mooring
