#include "sessiond/store/session_key.hpp"

#include <gtest/gtest.h>

#include "sessiond/session/session_token.hpp"
#include "sessiond/store/version_clock.hpp"

namespace mooring::sessiond {
namespace {

TEST(session_key, hashes_the_id_and_keeps_the_name) {
  EXPECT_EQ(session_key("PHPSESSID", "abc", hashed_key).value(),
            "PHPSESSID:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(session_key, takes_lengths_at_the_limit_and_refuses_one_more) {
  EXPECT_TRUE(session_key(std::string(max_name_bytes, 'n'), std::string(max_id_bytes, 'i'), hashed_key));
  EXPECT_FALSE(session_key(std::string(max_name_bytes + 1, 'n'), "i", hashed_key));
  EXPECT_FALSE(session_key("n", std::string(max_id_bytes + 1, 'i'), hashed_key));
}

TEST(session_key, refuses_what_php_would_not_make) {
  for (const char* id : {"", "a b", "../../etc/passwd", "a_b", "a\nb", "\xc3\xa9", "a:b"})
    EXPECT_EQ(session_key("PHPSESSID", id, hashed_key).error().code(), errc::invalid_argument) << id;
  for (const char* name : {"", "a b", "a:b", "a/b"})
    EXPECT_FALSE(session_key(name, "abc", hashed_key)) << name;
  EXPECT_TRUE(session_key("my_shop-1.x", "A,z-9", hashed_key));
}

const wall_time judged_at{seconds(1'800'000'000)};

TEST(session_token, says_what_was_read_and_what_a_commit_will_be) {
  session_token token;
  token.read = 5;
  token.commit = 9;
  EXPECT_EQ(token.text(), "5-9");
  EXPECT_EQ(parse_session_token("5-9", judged_at)->commit, 9);
  EXPECT_EQ(parse_session_token("0-x", judged_at)->read, 0);
  for (const char* unknown : {"5-", "5-x", "5-9x", "5-5", "5-4", "5--9", "5-99999999999999999999"})
    EXPECT_EQ(parse_session_token(unknown, judged_at)->commit, no_version) << unknown;
  for (const char* wrong : {"", "x", "-", "5", "-5-9", "99999999999999999999-1"})
    EXPECT_FALSE(parse_session_token(wrong, judged_at)) << wrong;
}

TEST(session_token, is_refused_when_it_is_further_ahead_than_clocks_may_differ) {
  const session_version latest = latest_version(judged_at);
  const std::string largest = std::to_string(latest);
  const std::string too_large = std::to_string(latest + 1);
  EXPECT_EQ(parse_session_token(largest + "-x", judged_at)->read, latest);
  EXPECT_EQ(parse_session_token("5-" + largest, judged_at)->commit, latest);
  EXPECT_FALSE(parse_session_token(too_large + "-x", judged_at));
  EXPECT_FALSE(parse_session_token("5-" + too_large, judged_at));
  EXPECT_FALSE(parse_session_token("9223372036854775807-9223372036854775807", judged_at));
  EXPECT_FALSE(parse_session_token("5-9223372036854775807", judged_at));
}

TEST(version_clock, knows_which_versions_a_clock_can_have_made) {
  EXPECT_FALSE(is_possible_version(-1, judged_at));
  EXPECT_FALSE(is_possible_version(no_version, judged_at));
  EXPECT_TRUE(is_possible_version(1, judged_at));
  EXPECT_TRUE(is_possible_version(next_version(judged_at + max_version_lead, 1023, no_version), judged_at));
  EXPECT_FALSE(is_possible_version(next_version(judged_at + max_version_lead, 1023, no_version) + 1, judged_at));
  const session_version latest = latest_version(judged_at);
  EXPECT_GT(next_version(judged_at, ~0U, latest), latest) << "it does not overflow";
}

TEST(version_clock, grows_even_when_the_clock_goes_back) {
  const session_version first = next_version(judged_at, 5, no_version);
  EXPECT_GT(first, no_version);
  EXPECT_EQ(next_version(judged_at - seconds(3600), 5, first), first + 6);
  EXPECT_GT(next_version(judged_at + std::chrono::microseconds(1), 0, first), first);
  EXPECT_NE(next_version(judged_at, 1, no_version), next_version(judged_at, 2, no_version));
}

// trim(name . '_' . id, '_'), as Aws\DynamoDb\SessionHandler::formatId() does.
TEST(session_key, is_what_the_sdk_would_make) {
  EXPECT_EQ(session_key("PHPSESSID", "ab-1,c", sdk_key).value(), "PHPSESSID_ab-1,c");
  EXPECT_EQ(session_key("__X_", "id", sdk_key).value(), "X__id");
  EXPECT_EQ(session_key("_", "id", sdk_key).value(), "id");
  EXPECT_FALSE(session_key("PHPSESSID", "a_b", sdk_key));
}

TEST(version_clock, a_version_tells_when_it_was_made) {
  EXPECT_EQ(time_of(next_version(judged_at, 1023, no_version)), judged_at);
}

TEST(session_key, is_known_by_its_form) {
  const std::string longest(max_name_bytes, 'n');
  for (const std::string& name : {std::string("PHPSESSID"), longest, std::string("__X_"), std::string("_")})
    for (const key_form form : {hashed_key, sdk_key}) {
      const std::string one = session_key(name, "ab,-1", form).value();
      EXPECT_EQ(checked_session_key(one, form).value(), one);
    }
  const std::string hash = hashed_key("x", "abc").substr(2);
  for (const std::string& one :
       {std::string(), hash, ":" + hash, "x:" + hash + "0", "x:" + hash.substr(1), "x:" + hash.substr(1) + "g",
        "x:" + hash.substr(1) + "A", "a b:" + hash, "x:y:" + hash, longest + "n:" + hash, std::string("x:abc")})
    EXPECT_EQ(checked_session_key(one, hashed_key).error().code(), errc::invalid_argument) << one;
  for (const std::string& one : {std::string(), std::string("_abc"), std::string("X_"), std::string("a b_c"),
                                 "x:" + hash, longest + "n_id", "x_" + std::string(max_id_bytes + 1, 'i')})
    EXPECT_EQ(checked_session_key(one, sdk_key).error().code(), errc::invalid_argument) << one;
}

}  // namespace
}  // namespace mooring::sessiond
