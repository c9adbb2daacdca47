// Which path means what, for each listener.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>

namespace mooring::sidecar {

enum class resource {
  health,       // the verdict, as one word
  liveness,     // this process answers
  region,       // whether the region that the path ends with is used
  front,        // sends a browser to the status page
  metrics,      // Prometheus text
  status_json,  // draft-inadarei-api-health-check
  status_page,  // the same for people
};

struct route {
  std::string_view path;
  resource target;
};

inline constexpr std::string_view region_path = "/region/";  // and the region's name

inline constexpr std::array<route, 3> probe_routes = {{
    {"/healthz", resource::health},
    {"/readyz", resource::health},
    {"/livez", resource::liveness},
}};

inline constexpr std::array<route, 4> admin_routes = {{
    {"/", resource::front},
    {"/metrics", resource::metrics},
    {"/status.json", resource::status_json},
    {"/status", resource::status_page},
}};

// Methods that every route answers, and what a 405 says in Allow.
inline constexpr std::string_view allowed_methods = "GET, HEAD, OPTIONS";

constexpr std::optional<resource> find_route(std::span<const route> routes, std::string_view path) {
  for (const route& r : routes)
    if (r.path == path) return r.target;
  return std::nullopt;
}

}  // namespace mooring::sidecar
