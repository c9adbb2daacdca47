#include "mooring/credentials/refresh_plan.hpp"

#include <algorithm>

namespace mooring {
namespace {

using namespace std::chrono_literals;

constexpr auto renew_before = 15min;
constexpr auto urgent_before = 10min;
constexpr auto least_extension = 2min;
constexpr auto most_extension = 10min;

constexpr backoff calm{5s, 120s};
constexpr backoff pressing{500ms, 15s};
constexpr milliseconds shortest_pause = 200ms;

}  // namespace

void refresh_plan::next_in(const moment& now, milliseconds pause) {
  next_.wall = now.wall + pause;
  next_.steady = now.steady + pause;
  at_rest_ = false;
}

void refresh_plan::renewed(const moment& now, std::optional<wall_time> expires, double random) {
  if (expires && expires == expires_) return failed(now, random);
  never_renewed_ = false;
  failures_ = 0;
  expires_ = expires;
  at_rest_ = !expires;
  if (!expires) return;
  const auto life = std::chrono::duration_cast<milliseconds>(*expires - now.wall);
  urgent_from_ = *expires - std::min<milliseconds>(urgent_before, life / 3);
  next_in(now, life - std::min<milliseconds>(renew_before, life / 2));
}

bool refresh_plan::extended(const moment& now, std::optional<wall_time> expires, double random) {
  if (!expires || *expires - now.wall >= renew_before) {
    renewed(now, expires, random);
    return false;
  }
  never_renewed_ = false;
  failures_ = 0;
  const auto pause =
      least_extension + std::chrono::duration_cast<milliseconds>((most_extension - least_extension) * random);
  expires_ = now.wall + pause + renew_before;
  urgent_from_ = *expires_ - urgent_before;
  next_in(now, pause);
  return true;
}

void refresh_plan::failed(const moment& now, double random) {
  const backoff& pace = urgent(now) ? pressing : calm;
  milliseconds pause = pace.pause(failures_++, 0.5 + random / 2);
  // Credentials that live for seconds need tries that are not minutes apart.
  if (expires_ && *expires_ > now.wall)
    pause = std::min(pause, std::chrono::duration_cast<milliseconds>(*expires_ - now.wall) / 4);
  next_in(now, std::max(pause, shortest_pause));
}

bool refresh_plan::due(const moment& now) const {
  return !at_rest_ && (now.wall >= next_.wall || now.steady >= next_.steady);
}

milliseconds refresh_plan::until_due(const moment& now, milliseconds least, milliseconds most) const {
  if (at_rest_) return most;
  const auto left = std::min<std::chrono::nanoseconds>(next_.wall - now.wall, next_.steady - now.steady);
  return std::clamp(std::chrono::ceil<milliseconds>(left), least, most);
}

}  // namespace mooring
