#include "sidecar/http/routes.hpp"

#include <gtest/gtest.h>

namespace mooring::sidecar {
namespace {

static_assert(find_route(probe_routes, "/healthz") == resource::health);

TEST(routes, the_public_listener_knows_three_paths) {
  EXPECT_EQ(find_route(probe_routes, "/readyz"), resource::health);
  EXPECT_EQ(find_route(probe_routes, "/livez"), resource::liveness);
  for (const char* path : {"", "/", "/healthz/", "/HEALTHZ", "/metrics", "/status", "/status.json", "*"})
    EXPECT_EQ(find_route(probe_routes, path), std::nullopt) << path;
}

TEST(routes, the_admin_listener_knows_four) {
  EXPECT_EQ(find_route(admin_routes, "/"), resource::front);
  EXPECT_EQ(find_route(admin_routes, "/metrics"), resource::metrics);
  EXPECT_EQ(find_route(admin_routes, "/status.json"), resource::status_json);
  EXPECT_EQ(find_route(admin_routes, "/status"), resource::status_page);
  EXPECT_EQ(find_route(admin_routes, "/healthz"), std::nullopt);
}

}  // namespace
}  // namespace mooring::sidecar
