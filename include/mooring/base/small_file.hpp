// Small files that other processes read while they are written: state, generated configuration, tokens.
//
// A file is replaced as a whole (temporary file beside it, fsync, rename, fsync of the folder). A reader sees the old
// content or the new one, never a part, also after a power cut; a failed replacement leaves the old one. Blocking: for
// files of some kilobytes, now and then.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "mooring/base/error.hpp"

namespace mooring {

// `mode` holds whatever the umask is. errc::io with the path and the reason.
result<void> replace_small_file(const std::string& path, std::string_view content, ::mode_t mode);

// The whole file, or nothing when there is none. errc::too_large over `limit` bytes, errc::io when it cannot be read.
result<std::optional<std::string>> read_small_file(const std::string& path, std::size_t limit);

}  // namespace mooring
