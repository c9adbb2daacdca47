#include "ctl/published_region.hpp"

#include "mooring/region_file/region_file.hpp"

namespace mooring::ctl {

result<region_state> published_region(const settings& config) {
  const std::string& file = config.region.state_file;
  if (config.sessions.store != "dynamodb")
    return error(errc::unsupported, "there is no region to choose with sessions.store = \"" + config.sessions.store +
                                        "\"; regions go with \"dynamodb\"");
  auto found = read_region_state(file);
  if (!found) return found.error();
  if (!*found)
    return error(errc::io, file + " (region.state_file) is not there, so nothing is published; start mooring-sidecar");
  return std::move(**found);
}

}  // namespace mooring::ctl
