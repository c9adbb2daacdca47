#include "ctl/report/session_report.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "ctl/report/rows.hpp"

namespace mooring::ctl {
namespace {

using nlohmann::json;
using sessiond::lease_holder;

constexpr std::int64_t now = 1'800'000'000;  // 2027-01-15 08:00:00 UTC

session_facts live_session() {
  session_facts out;
  out.key = "PHPSESSID:00ff";
  out.live = true;
  out.data = "cart|i:3;";
  out.now_ms = now * 1000;
  out.region = "us-east-1";
  stored_facts stored;
  stored.data_bytes = 7;
  stored.encoding = "zstd";
  stored.version = 1'843'200'000'000'000'123;
  stored.version_seconds = now - 200;
  stored.expires = now + 1440;
  out.stored = stored;
  return out;
}

void expect_line(const session_facts& facts, const std::string& line) {
  const std::string text = text_of(facts, false);
  EXPECT_NE(("\n" + text).find("\n" + line + "\n"), std::string::npos) << text;
}

TEST(session_report, shows_what_is_stored) {
  EXPECT_EQ(text_of(live_session(), false),
            "session   live\n"
            "key       PHPSESSID:00ff\n"
            "data      9 bytes\n"
            "stored    7 bytes, zstd, in us-east-1\n"
            "version   1843200000000000123, written 2027-01-15 07:56:40 UTC (3 min ago)\n"
            "expires   2027-01-15 08:24:00 UTC (in 24 min)\n"
            "lease     nobody has it\n");
}

TEST(session_report, says_who_has_the_lease) {
  session_facts facts = live_session();
  facts.stored->lease_owner = "0123456789abcdef/aabbccddeeff";
  facts.stored->lease_holder = lease_holder::other_node;
  facts.stored->lease_until_ms = facts.now_ms + 12'000;
  expect_line(facts, "lease     another node, 0123456789abcdef/aabbccddeeff, until 2027-01-15 08:00:12 UTC (in 12 s)");
  facts.stored->lease_holder = lease_holder::other_region;
  expect_line(facts,
              "lease     free here; a node in another region, 0123456789abcdef/aabbccddeeff has one until "
              "2027-01-15 08:00:12 UTC (in 12 s)");
  EXPECT_EQ(json::parse(json_of(facts, false))["stored"]["lease"]["held"], false);
  facts.stored->lease_holder = lease_holder::this_node;
  expect_line(facts, "lease     this node, until 2027-01-15 08:00:12 UTC (in 12 s)");
  facts.stored->lease_until_ms = facts.now_ms;
  expect_line(facts, "lease     over since 2027-01-15 08:00:00 UTC (now); this node had it");
}

TEST(session_report, says_what_another_program_did) {
  session_facts facts = live_session();
  facts.stored->version_seconds.reset();
  facts.stored->other_program_has_lock = true;
  expect_line(facts, "version   1843200000000000123, which stands for data that the AWS SDK's handler wrote");
  expect_line(facts, "lock      a handler of the AWS SDK has it");
  EXPECT_TRUE(json::parse(json_of(facts, false))["stored"]["written"].is_null());
}

TEST(session_report, says_what_it_does_not_know) {
  session_facts facts = live_session();
  facts.stored.reset();
  expect_line(facts, "stored    not in the table of us-east-1 yet");
  facts.not_known_because = "no keys";
  expect_line(facts, "not known version, expiry, encoding and lease: no keys");
  facts.live = false;
  facts.data.reset();
  facts.not_known_because.clear();
  EXPECT_EQ(text_of(facts, true), "session   none\nkey       PHPSESSID:00ff\n");
}

TEST(session_report, an_expired_item_is_no_session) {
  session_facts facts = live_session();
  facts.live = false;
  facts.data.reset();
  facts.stored->expires = now - 7200;
  expect_line(facts, "session   none that lives; the table still has what is left of it");
  expect_line(facts, "expires   2027-01-15 06:00:00 UTC (2 h ago)");
}

TEST(session_report, data_is_shown_on_request_only_and_cannot_move_the_cursor) {
  session_facts facts = live_session();
  facts.data = "secret\x1b[2J\n\\\xc3\xa9";
  EXPECT_EQ(text_of(facts, false).find("secret"), std::string::npos);
  EXPECT_EQ(json_of(facts, false).find("data_base64"), std::string::npos);
  EXPECT_NE(text_of(facts, true).find("\n\nsecret\\x1b[2J\n\\x5c\\xc3\\xa9\n"), std::string::npos);
  EXPECT_EQ(json::parse(json_of(facts, true))["data_base64"], "c2VjcmV0G1sySgpcw6k=");
}

TEST(session_report, foreign_text_cannot_move_the_cursor_either) {
  session_facts facts = live_session();
  facts.stored->encoding = "\x1b[2J";
  facts.stored->lease_owner = "x\x07";
  facts.stored->lease_holder = lease_holder::other_node;
  const std::string text = text_of(facts, false);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(text.find('\x07'), std::string::npos);
}

TEST(session_report, machines_get_json) {
  session_facts facts = live_session();
  facts.stored->lease_owner = "r/n/p";
  facts.stored->lease_holder = lease_holder::other_node;
  facts.stored->lease_until_ms = facts.now_ms + 1;
  const json all = json::parse(json_of(facts, false));
  EXPECT_EQ(all["key"], "PHPSESSID:00ff");
  EXPECT_EQ(all["live"], true);
  EXPECT_EQ(all["data_bytes"], 9);
  const json& stored = all["stored"];
  EXPECT_EQ(stored["data_bytes"], 7);
  EXPECT_EQ(stored["encoding"], "zstd");
  EXPECT_EQ(stored["version"], "1843200000000000123");
  EXPECT_EQ(stored["written"], "2027-01-15T07:56:40Z");
  EXPECT_EQ(stored["expires"], now + 1440);
  EXPECT_EQ(stored["expires_at"], "2027-01-15T08:24:00Z");
  EXPECT_EQ(stored["expires_in_seconds"], 1440);
  EXPECT_EQ(stored["lease"]["held"], true);
  EXPECT_EQ(stored["lease"]["holder"], "other node");
  EXPECT_EQ(stored["lease"]["owner"], "r/n/p");
  EXPECT_EQ(stored["region"], "us-east-1");
  facts.stored.reset();
  facts.data.reset();
  facts.not_known_because = "no keys";
  const json little = json::parse(json_of(facts, true));
  EXPECT_TRUE(little["stored"].is_null());
  EXPECT_TRUE(little["data_bytes"].is_null());
  EXPECT_TRUE(little["data_base64"].is_null());
  EXPECT_EQ(little["not_known_because"], "no keys");
}

TEST(session_report, reads_an_item_without_looking_into_its_data) {
  item stored;
  stored.emplace("data", attribute::binary(std::string(5, '\0')));
  stored.emplace("enc", attribute::text("zstd"));
  stored.emplace("expires", attribute::number(8));
  stored.emplace("lock_owner", attribute::text("n/p"));
  stored.emplace("lock_until", attribute::number(9));
  const stored_facts facts = facts_in(stored, {});
  EXPECT_EQ(facts.data_bytes, 5U);
  EXPECT_EQ(facts.encoding, "zstd");
  EXPECT_EQ(facts.expires, 8);
  EXPECT_EQ(facts.lease_owner, "n/p");
  EXPECT_EQ(facts.lease_until_ms, 9);
  const stored_facts odd = facts_in({{"enc", attribute::number(1)}, {"expires", attribute::text("x")}}, {});
  EXPECT_EQ(odd.data_bytes, 0U);
  EXPECT_EQ(odd.encoding, "");
  EXPECT_EQ(odd.expires, std::nullopt);
  item_names names;
  names.data = "payload";
  names.expires = "until";
  const stored_facts named = facts_in({{"payload", attribute::text("abc")}, {"until", attribute::number(5)}}, names);
  EXPECT_EQ(named.data_bytes, 3U);
  EXPECT_EQ(named.expires, 5);
}

TEST(session_report, numbers_that_are_no_times_are_shown_all_the_same) {
  session_facts facts = live_session();
  for (const std::int64_t odd : {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
    facts.stored->expires = odd;
    facts.stored->lease_holder = lease_holder::other_node;
    facts.stored->lease_until_ms = odd;
    EXPECT_NE(text_of(facts, false).find("expires   " + std::to_string(odd)), std::string::npos);
    EXPECT_EQ(json::parse(json_of(facts, false))["stored"]["expires"], odd);
  }
}

TEST(session_report, distances_use_the_unit_that_fits) {
  EXPECT_EQ(relative_text(0), "now");
  EXPECT_EQ(relative_text(1), "in 1 s");
  EXPECT_EQ(relative_text(-119), "119 s ago");
  EXPECT_EQ(relative_text(120), "in 2 min");
  EXPECT_EQ(relative_text(7199), "in 119 min");
  EXPECT_EQ(relative_text(7200), "in 2 h");
  EXPECT_EQ(relative_text(-172'799), "47 h ago");
  EXPECT_EQ(relative_text(172'800), "in 2 days");
}

}  // namespace
}  // namespace mooring::ctl
