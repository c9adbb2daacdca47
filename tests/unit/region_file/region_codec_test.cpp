#include "mooring/region_file/region_codec.hpp"

#include <gtest/gtest.h>

#include "tests/support/region_states.hpp"

namespace mooring {
namespace {

using test::at_ms;
using test::moved_state;

// What docs/formats.md shows.
constexpr auto documented = R"({
  "epoch": 4,
  "active": "eu-west-1",
  "mode": "secondary",
  "since": 1760942892345,
  "reason": "us-east-1 is down: 4 failures in a row over 6s, the last: DNS: no addresses",
  "regions": {
    "eu-west-1": {
      "state": "up",
      "since": 1760900000000
    },
    "us-east-1": {
      "state": "down",
      "since": 1760942892345,
      "reason": "DNS: no addresses"
    }
  }
}
)";

// The documented state with one of its texts replaced.
std::string with(std::string_view found, std::string_view instead) {
  std::string out = documented;
  const auto where = out.find(found);
  EXPECT_NE(where, std::string::npos) << found;
  return out.replace(where, found.size(), instead);
}

std::string fault_in(std::string_view json) {
  const auto parsed = parse_region_state(json);
  return parsed ? "none" : parsed.error().detail();
}

TEST(region_codec, writes_what_the_manual_shows_and_reads_it_back) {
  EXPECT_EQ(*encode(moved_state(4)), documented);
  EXPECT_EQ(*parse_region_state(documented), moved_state(4));
}

TEST(region_codec, keeps_every_mode_and_every_health) {
  for (const auto mode : {region_mode::primary, region_mode::suspect, region_mode::secondary, region_mode::recovering,
                          region_mode::pinned, region_mode::both_down, region_mode::frozen})
    for (const auto health : {region_health::unknown, region_health::up, region_health::suspect, region_health::down,
                              region_health::refusing}) {
      region_state state = moved_state(9);
      state.mode = mode;
      state.regions["us-east-1"].state = health;
      state.pinned_until = at_ms(1'760'999'999'999);
      EXPECT_EQ(*parse_region_state(*encode(state)), state) << name_of(mode) << " " << name_of(health);
    }
}

TEST(region_codec, keeps_a_drill_and_refuses_one_that_makes_no_sense) {
  region_state state = moved_state(9);
  state.avoided = avoided_region{"us-east-1", at_ms(1'760'999'999'999)};
  const std::string text = *encode(state);
  EXPECT_EQ(*parse_region_state(text), state);
  EXPECT_FALSE(parse_region_state(documented)->avoided);
  const std::string drilled = R"("avoided": {
    "region": "us-east-1",
    "until": 1760999999999
  })";
  const auto where = text.find(drilled);
  ASSERT_NE(where, std::string::npos) << text;
  for (const auto& [instead, fault] : std::map<std::string, std::string>{
           {R"("avoided": "us-east-1")", "\"avoided\" is not an object"},
           {R"("avoided": null)", "\"avoided\" is not an object"},
           {R"("avoided": {"until": 1})", "avoided: \"region\" is not a text"},
           {R"("avoided": {"region": "us-east-1", "until": -1})",
            "avoided: \"until\" is not a time in milliseconds since 1970"},
           {R"("avoided": {"region": "ap-south-1", "until": 1})", "the avoided region \"ap-south-1\" is not listed"}})
    EXPECT_EQ(fault_in(std::string(text).replace(where, drilled.size(), instead)), fault);
  state.avoided->region = "ap-south-1";
  EXPECT_EQ(encode(state).error().code(), errc::invalid_argument);
}

TEST(region_state, a_drill_lasts_an_hour_at_most_whatever_the_file_and_the_clock_say) {
  const published_time now = at_ms(1'760'000'000'000);
  constexpr std::int64_t hour = 3'600'000;
  EXPECT_EQ(drill_time_left(now + std::chrono::milliseconds(1), now).count(), 1);
  EXPECT_EQ(drill_time_left(now, now).count(), 0);
  EXPECT_EQ(drill_time_left(at_ms(0), now).count(), 0);
  EXPECT_EQ(drill_time_left(now + std::chrono::milliseconds(hour), now).count(), hour);
  EXPECT_EQ(drill_time_left(now + std::chrono::milliseconds(hour + 1), now).count(), hour);
  EXPECT_EQ(drill_time_left(at_ms(253'402'300'799'999), now).count(), hour);
}

TEST(region_codec, an_epoch_is_a_whole_number_that_every_json_reader_keeps) {
  EXPECT_EQ(parse_region_state(with("4", "9007199254740991"))->epoch, largest_epoch);
  for (const char* wrong :
       {"0", "-1", "9007199254740992", "18446744073709551616", "4.0", "4e0", "\"4\"", "null", "true", "[4]"})
    EXPECT_EQ(fault_in(with("4", wrong)), "\"epoch\" is not a whole number from 1 to 9007199254740991") << wrong;
  EXPECT_EQ(fault_in(with("\"epoch\": 4,", "")), "\"epoch\" is not a whole number from 1 to 9007199254740991");
}

TEST(region_codec, refuses_what_is_not_a_region) {
  EXPECT_EQ(fault_in(with("\"active\": \"eu-west-1\"", "\"active\": \"eu-west-2\"")),
            "the active region \"eu-west-2\" is not listed");
  for (const char* wrong : {"", "US", "us east", "us/..", "us;"}) {
    const std::string name = std::string("\"") + wrong + "\": {\n      \"state\"";
    EXPECT_EQ(fault_in(with("\"us-east-1\": {\n      \"state\"", name)),
              std::string("\"") + wrong + "\" is not a region's name");
  }
}

TEST(region_codec, says_what_is_wrong_with_the_rest) {
  EXPECT_EQ(fault_in(""), "not a JSON object");
  EXPECT_EQ(fault_in("[]"), "not a JSON object");
  EXPECT_EQ(fault_in("{\"epoch\": 4"), "not a JSON object");
  EXPECT_EQ(fault_in(with("\"secondary\"", "\"elsewhere\"")), "unknown mode \"elsewhere\"");
  EXPECT_EQ(fault_in(with("\"secondary\"", "7")), "\"mode\" is not a text");
  EXPECT_EQ(fault_in(with("\"down\"", "\"well\"")), "us-east-1: unknown state of a region \"well\"");
  EXPECT_EQ(fault_in(with("1760900000000", "\"noon\"")),
            "eu-west-1: \"since\" is not a time in milliseconds since 1970");
  EXPECT_EQ(fault_in(with("\"regions\": {", "\"nations\": {")), "\"regions\" is not an object");
  EXPECT_EQ(fault_in(with("1760942892345,\n  \"reason\"", "1,\n  \"pinned_until\": -1,\n  \"reason\"")),
            "\"pinned_until\" is not a time in milliseconds since 1970");
}

TEST(region_codec, takes_times_to_the_end_of_year_9999) {
  EXPECT_TRUE(parse_region_state(with("1760942892345", "253402300799999")));
  EXPECT_FALSE(parse_region_state(with("1760942892345", "253402300800000")));
}

TEST(region_codec, skips_keys_of_later_versions) {
  EXPECT_EQ(*parse_region_state(with("{\n  \"epoch\"", "{\n  \"shape\": [1, {\"a\": null}],\n  \"epoch\"")),
            moved_state(4));
}

TEST(region_codec, takes_a_file_that_just_fits_and_refuses_one_byte_more) {
  std::string text = documented;
  text.append(max_region_file_bytes - text.size(), ' ');
  EXPECT_TRUE(parse_region_state(text));
  EXPECT_EQ(parse_region_state(text + " ").error().code(), errc::too_large);
}

TEST(region_codec, takes_eight_regions_and_refuses_nine) {
  region_state state = moved_state(4);
  for (char last = '1'; state.regions.size() < max_regions; ++last)
    state.regions[std::string("us-test-") + last] = {};
  const auto fits = encode(state);
  ASSERT_TRUE(fits);
  EXPECT_TRUE(parse_region_state(*fits));
  state.regions["one-too-many"] = {};
  EXPECT_EQ(encode(state).error().code(), errc::invalid_argument);
  std::string nine = *fits;
  nine.insert(nine.find("\"us-east-1\""), R"("x": {"state": "up", "since": 1}, )");
  EXPECT_EQ(fault_in(nine), "more than 8 regions");
}

TEST(region_codec, cuts_long_reasons_and_mends_foreign_bytes_so_that_a_file_always_fits) {
  region_state state = moved_state(4);
  state.reason = std::string(max_reason_bytes, '\x01');
  for (char last = '1'; state.regions.size() < max_regions; ++last)
    state.regions[std::string("us-test-") + last] = {};
  for (auto& [name, standing] : state.regions)
    standing.reason = std::string(2 * max_reason_bytes, '\xff');
  const auto text = encode(state);
  ASSERT_TRUE(text);
  EXPECT_LT(text->size(), max_region_file_bytes);
  const auto read = parse_region_state(*text);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->reason, state.reason);
  EXPECT_EQ(read->regions.at("eu-west-1").reason.find_first_not_of("\xef\xbf\xbd"), std::string::npos)
      << "foreign bytes become U+FFFD";
}

TEST(region_codec, cuts_a_reason_between_two_letters) {
  region_state state = moved_state(4);
  for (const std::size_t before : {max_reason_bytes - 1, max_reason_bytes - 2}) {
    state.reason = std::string(before, 'x') + "\xc3\xa4";
    const std::size_t kept = before + 2 <= max_reason_bytes ? before + 2 : before;
    EXPECT_EQ(parse_region_state(*encode(state))->reason, state.reason.substr(0, kept));
  }
}

TEST(region_codec, does_not_write_what_it_would_not_read) {
  EXPECT_EQ(encode(moved_state(0)).error().code(), errc::invalid_argument);
  EXPECT_EQ(encode(moved_state(largest_epoch + 1)).error().code(), errc::invalid_argument);
  region_state elsewhere = moved_state(4);
  elsewhere.active = "ap-south-1";
  EXPECT_EQ(encode(elsewhere).error().detail(), "the active region \"ap-south-1\" is not listed");
  region_state before_1970 = moved_state(4);
  before_1970.regions["us-east-1"].since = at_ms(-1);
  EXPECT_EQ(encode(before_1970).error().detail(), "a time is before 1970 or after 9999");
}

}  // namespace
}  // namespace mooring
