#include "control_command.hpp"

#include <charconv>

namespace mooring::sidecar {
namespace {

// The next word, cut off `rest`.
std::string_view word(std::string_view& rest) {
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  const std::string_view out = rest.substr(0, rest.find(' '));
  rest.remove_prefix(out.size());
  return out;
}

error use(const char* what) {
  return error(errc::invalid_argument, std::string("use: ") + what);
}

}  // namespace

result<control_command> parse_control_command(std::string_view line) {
  const std::string_view name = word(line);
  if (name == "pin") {
    pin_command out;
    out.region = word(line);
    const std::string_view ttl = word(line);
    const auto [end, failed] = std::from_chars(ttl.data(), ttl.data() + ttl.size(), out.seconds);
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    out.reason = line;
    const bool whole = failed == std::errc{} && end == ttl.data() + ttl.size() && out.seconds > 0;
    if (out.region.empty() || !whole || out.reason.empty()) return use("pin REGION SECONDS REASON");
    return out;
  }
  const bool alone = word(line).empty();
  if (name == "status" && alone) return status_command();
  if (name == "drain" && alone) return drain_command{true};
  if (name == "undrain" && alone) return drain_command{false};
  if (name == "unpin" && alone) return unpin_command();
  return use("status, drain, undrain, unpin, or pin REGION SECONDS REASON");
}

}  // namespace mooring::sidecar
