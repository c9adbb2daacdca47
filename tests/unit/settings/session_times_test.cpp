// Times of sessions that have to fit each other.
#include <gtest/gtest.h>

#include "mooring/settings/settings.hpp"

namespace mooring {
namespace {

using namespace std::chrono_literals;

TEST(session_times, by_default_a_page_waits_for_longer_than_a_dead_node_keeps_a_session) {
  const session_settings defaults;
  EXPECT_GE(defaults.lock_wait, defaults.lease + 2s) << "a lease ends by a clock that counts seconds";
}

const environment nothing_set = [](const std::string&) { return std::nullopt; };

TEST(session_times, patience_with_one_region_leaves_time_for_the_other) {
  const auto faults = [](const std::string& patience) {
    return load_settings_from_text("[region]\nsecondary = \"b\"\n[sessions]\nregion_patience = " + patience,
                                   nothing_set)
        .faults;
  };
  EXPECT_TRUE(faults("\"4999ms\"").empty());
  ASSERT_EQ(faults("\"5s\"").size(), 1U);
  EXPECT_NE(faults("\"5s\"").front().find("sessions.deadline"), std::string::npos);
}

}  // namespace
}  // namespace mooring
