#include "sessiond/redis/release_script.hpp"

#include <gtest/gtest.h>

namespace mooring::sessiond {
namespace {

TEST(release_script, is_known_by_hash_and_by_text) {
  for (const auto& [name, script] : {std::pair{"EVALSHA", std::string(release_script_sha1)},
                                     {"evalsha", "B70C2384248F88E6B75B9F89241A180F856AD852"},
                                     {"EVAL", std::string(release_script)}}) {
    const auto call = recognise_release({name, script, "1", "k_LOCK", "host|1"});
    ASSERT_TRUE(call) << name;
    EXPECT_EQ(call->lock_key, "k_LOCK");
    EXPECT_EQ(call->secret, "host|1");
  }
}

TEST(release_script, nothing_else_is) {
  const std::string text(release_script);
  EXPECT_FALSE(recognise_release({"EVAL", text + " ", "1", "k", "s"}));
  EXPECT_FALSE(recognise_release({"EVAL", std::string(release_script_sha1), "1", "k", "s"}));
  EXPECT_FALSE(recognise_release({"EVALSHA", text, "1", "k", "s"}));
  EXPECT_FALSE(recognise_release({"EVAL", text, "2", "k", "s"}));
  EXPECT_FALSE(recognise_release({"EVAL", text, "1", "k"}));
  EXPECT_FALSE(recognise_release({"EVAL", text, "1", "k", "s", "more"}));
}

TEST(release_script, has_the_length_of_the_original) {
  EXPECT_EQ(release_script.size(), 95U);
}

}  // namespace
}  // namespace mooring::sessiond
