#include "sessiond/session/session_token.hpp"

#include <charconv>

#include "sessiond/store/version_clock.hpp"

namespace mooring::sessiond {

std::optional<session_token> parse_session_token(const std::string& text, wall_time now) {
  session_token out;
  const char* const last = text.data() + text.size();
  const auto [dash, ec] = std::from_chars(text.data(), last, out.read);
  if (ec != std::errc{} || dash == last || *dash != '-' || out.read < 0) return std::nullopt;
  const auto [end, commit_ec] = std::from_chars(dash + 1, last, out.commit);
  if (commit_ec != std::errc{} || end != last || out.commit <= out.read) out.commit = no_version;
  const session_version latest = latest_version(now);
  if (out.read > latest || out.commit > latest) return std::nullopt;
  return out;
}

}  // namespace mooring::sessiond
