#include "sessiond/redis/set_options.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace mooring::sessiond {
namespace {

using namespace std::chrono_literals;

result<set_options> parsed(std::vector<std::string> words) {
  return parse_set_options(words);
}

TEST(set_options, what_php_redis_sends) {
  const auto lock = parsed({"NX", "PX", "30000"});
  ASSERT_TRUE(lock);
  EXPECT_TRUE(lock->only_new);
  EXPECT_EQ(lock->life, 30'000ms);
  const auto unlimited = parsed({"NX"});
  ASSERT_TRUE(unlimited);
  EXPECT_FALSE(unlimited->life);
}

TEST(set_options, any_case_and_order) {
  const auto options = parsed({"ex", "5", "xX"});
  ASSERT_TRUE(options);
  EXPECT_TRUE(options->only_existing);
  EXPECT_EQ(options->life, 5s);
  EXPECT_TRUE(parsed({}));
}

TEST(set_options, refuses_what_has_no_meaning) {
  for (const auto& words : std::vector<std::vector<std::string>>{{"NX", "XX"},
                                                                 {"XX", "NX"},
                                                                 {"EX"},
                                                                 {"EX", "0"},
                                                                 {"PX", "-1"},
                                                                 {"EX", "1.5"},
                                                                 {"EX", "9223372036854775807"},
                                                                 {"EX", "1", "PX", "1"},
                                                                 {"GET"},
                                                                 {"KEEPTTL"},
                                                                 {""}})
    EXPECT_FALSE(parsed(words)) << words.front();
}

TEST(set_options, seconds_are_rounded_up) {
  EXPECT_EQ(whole_seconds(1ms), 1);
  EXPECT_EQ(whole_seconds(1000ms), 1);
  EXPECT_EQ(whole_seconds(1001ms), 2);
}

}  // namespace
}  // namespace mooring::sessiond
