// The region's state in a file, /run/mooring/region.json: all that sessiond learns from the sidecar. Either may be
// down.
//
// One writer, the sidecar. Blocking, for some kilobytes on a RAM disk.
#pragma once

#include <optional>
#include <string>

#include "mooring/base/error.hpp"
#include "mooring/region_file/region_state.hpp"

namespace mooring {

// Replaces the file as a whole: write, fsync, rename, fsync of the folder. Readable for everybody, as PHP and nginx run
// as other users and nothing in it is secret. Errors name the file.
result<void> write_region_state(const std::string& path, const region_state& state);

// Nothing when there is no file: the sidecar has not published yet. Errors name the file and what is wrong in it.
result<std::optional<region_state>> read_region_state(const std::string& path);

}  // namespace mooring
