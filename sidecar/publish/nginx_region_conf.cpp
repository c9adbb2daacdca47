#include "nginx_region_conf.hpp"

#include "mooring/base/region_name.hpp"
#include "mooring/base/small_file.hpp"

namespace mooring::sidecar {
namespace {

constexpr ::mode_t readable_for_everybody = 0644;

std::string conf_for(const std::string& region) {
  return "# Written by mooring-sidecar; changes are overwritten.\nfastcgi_param DYNAMODB_REGION " + region +
         ";\nfastcgi_param AWS_REGION " + region + ";\n";
}

}  // namespace

result<bool> write_nginx_region_conf(const std::string& path, const std::string& region) {
  if (!is_region_name(region))
    return error(errc::misconfigured,
                 "region.primary is \"" + region + "\", which nginx cannot take; write a name such as us-east-1");
  const std::string content = conf_for(region);
  // A file that cannot be read is replaced: whether it is right is not known.
  const auto found = read_small_file(path, 2 * content.size());
  if (found && *found && **found == content) return false;
  if (const auto replaced = replace_small_file(path, content, readable_for_everybody); !replaced)
    return replaced.error();
  return true;
}

}  // namespace mooring::sidecar
