// What a simulated region, or the host of the control probe, does to the probes that are sent to it.
#pragma once

#include <array>
#include <optional>
#include <random>
#include <string_view>

#include "sidecar/failover/probe_outcome.hpp"

namespace mooring::test {

enum class weather_kind {
  answers,
  errors,     // HTTP 500, at once
  refuses,    // nobody listens
  vanishes,   // packets get lost, until the probe's timeout
  empty_dns,  // the name has no address: fresh connections fail, kept ones work
  throttles,
  denies,    // credentials expired
  skews,     // the node's clock is refused
  no_route,  // the node has no network
};

struct weather_effect {
  weather_kind kind;
  std::string_view name;
  sidecar::failure_class found;
  milliseconds latency;
  std::string_view reason;
};

constexpr milliseconds probe_timeout{2'000};
constexpr milliseconds usual_latency{20};

constexpr std::array<weather_effect, 9> weather_effects{{
    {weather_kind::answers, "answers", sidecar::failure_class::none, usual_latency, ""},
    {weather_kind::errors, "errors", sidecar::failure_class::down, usual_latency, "HTTP 500 InternalServerError"},
    {weather_kind::refuses, "refuses", sidecar::failure_class::down, milliseconds(1), "connection refused"},
    {weather_kind::vanishes, "vanishes", sidecar::failure_class::down, probe_timeout, "no answer within 2s"},
    {weather_kind::empty_dns, "empty_dns", sidecar::failure_class::down, milliseconds(5), "DNS: no addresses"},
    {weather_kind::throttles, "throttles", sidecar::failure_class::overload, usual_latency, "ThrottlingException"},
    {weather_kind::denies, "denies", sidecar::failure_class::configuration, usual_latency, "ExpiredTokenException"},
    {weather_kind::skews, "skews", sidecar::failure_class::clock, usual_latency, "Signature expired"},
    {weather_kind::no_route, "no_route", sidecar::failure_class::no_network, milliseconds(1), "Network is unreachable"},
}};

inline const weather_effect& effect_of(weather_kind kind) {
  for (const auto& effect : weather_effects)
    if (effect.kind == kind) return effect;
  return weather_effects[0];
}

inline std::optional<weather_kind> weather_named(std::string_view name) {
  for (const auto& effect : weather_effects)
    if (effect.name == name) return effect.kind;
  return std::nullopt;
}

// `strikes` of every `of` probes meet `kind`, evenly or by chance; the others are answered.
struct weather {
  weather_kind kind = weather_kind::answers;
  unsigned strikes = 1;
  unsigned of = 1;
  bool by_chance = false;

  template <class Random>
  const weather_effect& meet(unsigned probe, bool fresh, Random& random) const {
    const unsigned draw = by_chance ? static_cast<unsigned>(random() % of) : probe % of;
    const bool hit = draw < strikes && (kind != weather_kind::empty_dns || fresh);
    return effect_of(hit ? kind : weather_kind::answers);
  }
};

}  // namespace mooring::test
