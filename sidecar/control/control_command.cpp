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

// A whole number above 0, or 0.
std::int64_t seconds_in(std::string_view text) {
  std::int64_t out = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), out);
  return failed == std::errc{} && end == text.data() + text.size() && out > 0 ? out : 0;
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
    out.seconds = seconds_in(word(line));
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    out.reason = line;
    if (out.region.empty() || out.seconds == 0 || out.reason.empty()) return use("pin REGION SECONDS REASON");
    return out;
  }
  if (name == "drill") {
    drill_command out;
    out.region = word(line);
    out.seconds = seconds_in(word(line));
    if (out.region.empty() || out.seconds == 0 || !word(line).empty()) return use("drill REGION SECONDS");
    return out;
  }
  const bool alone = word(line).empty();
  if (name == "status" && alone) return status_command();
  if (name == "drain" && alone) return drain_command{true};
  if (name == "undrain" && alone) return drain_command{false};
  if (name == "unpin" && alone) return unpin_command();
  if (name == "undrill" && alone) return undrill_command();
  return use("status, drain, undrain, unpin, undrill, pin REGION SECONDS REASON, or drill REGION SECONDS");
}

}  // namespace mooring::sidecar
