#include "sessiond/store/session_key.hpp"

#include <gtest/gtest.h>

#include "sessiond/command/session_token.hpp"
#include "sessiond/command/version_clock.hpp"
#include "sessiond/store/item_codec.hpp"

namespace mooring::sessiond {
namespace {

TEST(session_key, hashes_the_id_and_keeps_the_name) {
  EXPECT_EQ(session_key("PHPSESSID", "abc").value(),
            "PHPSESSID:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(session_key, takes_lengths_at_the_limit_and_refuses_one_more) {
  EXPECT_TRUE(session_key(std::string(max_name_bytes, 'n'), std::string(max_id_bytes, 'i')));
  EXPECT_FALSE(session_key(std::string(max_name_bytes + 1, 'n'), "i"));
  EXPECT_FALSE(session_key("n", std::string(max_id_bytes + 1, 'i')));
}

TEST(session_key, refuses_what_php_would_not_make) {
  for (const char* id : {"", "a b", "../../etc/passwd", "a_b", "a\nb", "\xc3\xa9", "a:b"})
    EXPECT_EQ(session_key("PHPSESSID", id).error().code(), errc::invalid_argument) << id;
  for (const char* name : {"", "a b", "a:b", "a/b"})
    EXPECT_FALSE(session_key(name, "abc")) << name;
  EXPECT_TRUE(session_key("my_shop-1.x", "A,z-9"));
}

TEST(session_token, says_what_was_read_and_what_a_commit_will_be) {
  session_token token;
  token.read = 5;
  token.commit = 9;
  EXPECT_EQ(token.text(), "5-9");
  EXPECT_EQ(parse_session_token("5-9")->commit, 9);
  EXPECT_EQ(parse_session_token("0-x")->read, 0);
  for (const char* unknown : {"5-", "5-x", "5-9x", "5-5", "5-4", "5--9", "5-99999999999999999999"})
    EXPECT_EQ(parse_session_token(unknown)->commit, no_version) << unknown;
  for (const char* wrong : {"", "x", "-", "5", "-5-9", "99999999999999999999-1"})
    EXPECT_FALSE(parse_session_token(wrong)) << wrong;
}

TEST(version_clock, grows_even_when_the_clock_goes_back) {
  const wall_time now{seconds(1'800'000'000)};
  const session_version first = next_version(now, 5, no_version);
  EXPECT_GT(first, no_version);
  EXPECT_EQ(next_version(now - seconds(3600), 5, first), first + 6);
  EXPECT_GT(next_version(now + std::chrono::microseconds(1), 0, first), first);
  EXPECT_NE(next_version(now, 1, no_version), next_version(now, 2, no_version));
}

TEST(item_codec, refuses_what_another_program_or_a_newer_version_wrote) {
  item stored = key_item("k");
  EXPECT_EQ(session_from(stored, 0).error().code(), errc::bad_data);
  stored.emplace("expires", attribute::number(100));
  stored.emplace("ver", attribute::number(5));
  EXPECT_EQ(session_from(stored, 0).value()->version, 5);
  EXPECT_EQ(session_from(stored, 0).value()->data, "");
  EXPECT_FALSE(session_from(stored, 100).value());
  stored["data"] = attribute::text("text");
  EXPECT_EQ(session_from(stored, 0).error().code(), errc::bad_data);
  stored["data"] = attribute::binary("bytes");
  EXPECT_EQ(session_from(stored, 0).value()->data, "bytes");
  stored["enc"] = attribute::text("zstd");
  EXPECT_EQ(session_from(stored, 0).error().code(), errc::bad_data);
}

}  // namespace
}  // namespace mooring::sessiond
