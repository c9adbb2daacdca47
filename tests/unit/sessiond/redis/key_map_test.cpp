#include "sessiond/redis/key_map.hpp"

#include <gtest/gtest.h>

namespace mooring::sessiond {
namespace {

using prefixes = std::map<std::string, std::string>;

std::string place_of(const key_map& keys, std::string_view key) {
  const auto found = keys.locate(key);
  if (!found) return "none";
  return found->name + "|" + found->id + (found->is_lock ? "|lock" : "");
}

TEST(key_map, the_longest_prefix_gives_the_name) {
  const key_map keys(prefixes{{"PHPREDIS_SESSION:", "PHPSESSID"}, {"sess_", "PHPSESSID"}, {"sess_b_", "OTHER"}});
  EXPECT_EQ(place_of(keys, "PHPREDIS_SESSION:abc"), "PHPSESSID|abc");
  EXPECT_EQ(place_of(keys, "sess_abc"), "PHPSESSID|abc");
  EXPECT_EQ(place_of(keys, "sess_b_abc"), "OTHER|abc");
  EXPECT_EQ(place_of(keys, "PHPREDIS_SESSION:"), "PHPSESSID|");
}

TEST(key_map, locks_are_told_from_sessions) {
  const key_map keys(prefixes{{"p:", "N"}});
  EXPECT_EQ(place_of(keys, "p:abc_LOCK"), "N|abc|lock");
  EXPECT_EQ(place_of(keys, "other:abc_LOCK"), "other|abc|lock");
  EXPECT_EQ(place_of(keys, "p:_LOCK"), "N||lock");
  EXPECT_EQ(place_of(keys, "_LOCK"), "none");
}

// Ids come from visitors: none may reach into another site's sessions.
TEST(key_map, the_first_colon_ends_a_prefix_that_no_setting_names) {
  const key_map keys(prefixes{{"p:", "N"}});
  EXPECT_EQ(place_of(keys, "shop1:abc"), "shop1|abc");
  EXPECT_EQ(place_of(keys, "shop1:shop2:abc"), "shop1|shop2:abc");
  EXPECT_EQ(place_of(keys, "p:shop2:abc"), "N|shop2:abc");
}

TEST(key_map, a_key_without_prefix_is_none_unless_the_empty_prefix_has_a_name) {
  EXPECT_EQ(place_of(key_map(prefixes{}), "abc"), "none");
  EXPECT_EQ(place_of(key_map(prefixes{}), ":abc"), "none");
  EXPECT_EQ(place_of(key_map(prefixes{}), ""), "none");
  EXPECT_EQ(place_of(key_map(prefixes{{"", "N"}}), "abc"), "N|abc");
}

}  // namespace
}  // namespace mooring::sessiond
