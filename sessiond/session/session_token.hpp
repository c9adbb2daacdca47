// Tokens "<version>-<commit version>": what their bearer has read, and the version its commit will have. Pure.
//
// The commit's version is fixed when the session is opened, so that a commit that is sent twice, because its answer was
// lost, is known for one and the same. Any other suffix is taken too and stands for nothing.
#pragma once

#include <optional>
#include <string>

#include "mooring/base/clock.hpp"
#include "sessiond/store/session_store.hpp"

namespace mooring::sessiond {

struct session_token {
  session_version read = no_version;
  session_version commit = no_version;  // no_version: not known

  std::string text() const { return std::to_string(read) + "-" + std::to_string(commit); }
};

// Nothing when the text does not begin with a version and a '-', and when one of its versions is further ahead of `now`
// than clocks may differ (version_clock.hpp).
std::optional<session_token> parse_session_token(const std::string& text, wall_time now);

}  // namespace mooring::sessiond
