#include "sidecar/driver/memory_codec.hpp"

#include <gtest/gtest.h>

namespace mooring::sidecar {
namespace {

using namespace std::chrono_literals;

moment at(int second) {
  return {steady_time(std::chrono::seconds(second)), wall_time(std::chrono::seconds(1'800'000'000 + second))};
}

machine_state full() {
  machine_state out;
  out.boot_id = "a boot";
  out.epoch = 7;
  out.active = "eu-west-1";
  out.mode = region_mode::pinned;
  out.since = at(10);
  out.reason = "an operator's \"reason\"\n";
  out.pin = region_pin{"eu-west-1", "test", 600s, at(610)};
  out.unpublished = region_move{"us-east-1", "eu-west-1", 7, "why", true};
  out.away_by_drill = true;
  out.moves.automatic = {at(1), at(2)};
  out.moves.placed = at(2);
  out.moves.flaps = 1;
  return out;
}

TEST(memory_codec, what_was_saved_is_what_is_read) {
  EXPECT_EQ(parse_memory(encode_memory(full())).value(), full());
  EXPECT_EQ(parse_memory(encode_memory(machine_state())).value(), machine_state());
}

TEST(memory_codec, takes_times_from_before_the_boot) {
  machine_state old = full();
  old.boot_id = "the boot before";
  old = brought_to(old, "a boot", at(60));
  old.since = old.moves.automatic[0] = {steady_time(-1h), at(-3'660).wall};
  old.moves.placed = {steady_time(-24h * 365), at(0).wall};
  EXPECT_EQ(parse_memory(encode_memory(old)).value(), old);
}

TEST(memory_codec, takes_the_times_of_a_wall_clock_that_was_set_back_to_1970) {
  machine_state odd = full();
  odd.since.wall = wall_time(-1h);
  const auto read = parse_memory(encode_memory(odd));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->since.wall, wall_time());
  EXPECT_EQ(read->pin, odd.pin);
}

TEST(memory_codec, skips_what_it_does_not_know) {
  std::string text = encode_memory(full());
  text.insert(1, "\"later\": {\"x\": [1]}, ");
  EXPECT_EQ(parse_memory(text).value(), full());
}

TEST(memory_codec, takes_a_file_from_before_there_were_drills) {
  machine_state before = full();
  before.away_by_drill = false;
  std::string text = encode_memory(before);
  const std::string key = "  \"away_by_drill\": false,\n";
  ASSERT_NE(text.find(key), std::string::npos) << text;
  text.erase(text.find(key), key.size());
  EXPECT_EQ(parse_memory(text).value(), before);
}

TEST(memory_codec, refuses_what_it_could_act_on_wrongly) {
  const std::string good = encode_memory(full());
  for (const auto& [from, to] :
       std::map<std::string, std::string>{{"\"epoch\": 7,\n  \"mode\"", "\"epoch\": -1,\n  \"mode\""},
                                          {"\"pinned\"", "\"lost\""},
                                          {"\"flaps\": 1", "\"flaps\": \"1\""},
                                          {"\"by_drill\": true", "\"by_drill\": 1"},
                                          {"\"away_by_drill\": true", "\"away_by_drill\": \"yes\""},
                                          {"\"boot_id\"", "\"boot\""},
                                          {"\"steady_ns\"", "\"steady\""},
                                          {"\"ttl_ms\": 600000", "\"ttl_ms\": -1"},
                                          {"\"steady_ns\": 1000000000,", "\"steady_ns\": 4611686018427387904,"},
                                          {"\"steady_ns\": 1000000000,", "\"steady_ns\": -4611686018427387905,"},
                                          {"\"wall_ms\": 1800000001000", "\"wall_ms\": -1"}}) {
    std::string wrong = good;
    const auto found = wrong.find(from);
    ASSERT_NE(found, std::string::npos) << from;
    wrong.replace(found, from.size(), to);
    EXPECT_EQ(parse_memory(wrong).error().code(), errc::bad_data) << from;
  }
  for (const char* wrong : {"", "[]", "null", "{}", "{\"epoch\""})
    EXPECT_EQ(parse_memory(wrong).error().code(), errc::bad_data) << wrong;
}

TEST(memory_codec, takes_a_file_and_a_list_at_their_limits_and_no_more) {
  std::string text = encode_memory(full());
  text.append(max_memory_bytes - text.size(), ' ');
  EXPECT_TRUE(parse_memory(text));
  EXPECT_EQ(parse_memory(text + ' ').error().code(), errc::too_large);
  machine_state many = full();
  many.moves.automatic.assign(max_remembered_moves, at(1));
  EXPECT_TRUE(parse_memory(encode_memory(many)));
  many.moves.automatic.push_back(at(1));
  EXPECT_EQ(parse_memory(encode_memory(many)).error().code(), errc::bad_data);
}

}  // namespace
}  // namespace mooring::sidecar
