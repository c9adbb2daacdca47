#include "mooring/base/config_reader.hpp"

#include <gtest/gtest.h>

#include "mooring/base/duration_text.hpp"

namespace mooring {
namespace {

using namespace std::chrono_literals;

TEST(config_reader, leaves_the_default_when_a_key_is_absent) {
  auto reader = config_reader::from_text("", "f");
  std::string text = "default";
  std::int64_t number = 7;
  reader.text("a.b", text);
  reader.integer("a.c", number, 1, 9);
  EXPECT_TRUE(reader.finish().empty());
  EXPECT_EQ(text, "default");
  EXPECT_EQ(number, 7);
}

TEST(config_reader, reports_all_faults_at_once_with_file_and_line) {
  auto reader = config_reader::from_text("[a]\nb = 5\nc = \"x\"\nd = \"soon\"\ntypo = 1\n", "f.toml");
  std::string b;
  std::int64_t c = 1;
  std::chrono::milliseconds d{5s};
  reader.text("a.b", b);
  reader.integer("a.c", c, 1, 9);
  reader.duration("a.d", d, 1s, 10s);
  const auto faults = reader.finish();
  ASSERT_EQ(faults.size(), 4U);
  EXPECT_EQ(faults[0], "f.toml:2: a.b: found integer; write text in quotes");
  EXPECT_EQ(faults[1], "f.toml:3: a.c: found string; write a whole number from 1 to 9");
  EXPECT_EQ(faults[2].rfind("f.toml:4: a.d: found \"soon\"; write", 0), 0U);
  EXPECT_EQ(faults[3].rfind("f.toml:5: a.typo: unknown key;", 0), 0U);
}

TEST(config_reader, takes_numbers_at_their_limits_and_refuses_those_beyond) {
  auto reader = config_reader::from_text("a = 1\nb = 9\nc = 0\nd = 10\n", "f");
  std::int64_t a = 5, b = 5, c = 5, d = 5;
  reader.integer("a", a, 1, 9);
  reader.integer("b", b, 1, 9);
  reader.integer("c", c, 1, 9);
  reader.integer("d", d, 1, 9);
  EXPECT_EQ(reader.finish().size(), 2U);
  EXPECT_EQ(a, 1);
  EXPECT_EQ(b, 9);
  EXPECT_EQ(c, 5);
  EXPECT_EQ(d, 5);
}

TEST(config_reader, names_the_line_of_a_syntax_error) {
  auto reader = config_reader::from_text("a = 1\nb = = 2\n", "f.toml");
  const auto faults = reader.finish();
  ASSERT_EQ(faults.size(), 1U);
  EXPECT_EQ(faults[0].substr(0, 9), "f.toml:2:");
}

TEST(config_reader, says_why_a_file_cannot_be_read) {
  auto absent = config_reader::from_file("/nowhere/mooring.toml");
  EXPECT_EQ(absent.finish().at(0),
            "/nowhere/mooring.toml: cannot read: No such file or directory; give a readable file with --config");
  auto folder = config_reader::from_file("/");
  EXPECT_EQ(folder.finish().size(), 1U);
}

TEST(config_reader, names_an_unknown_section_and_what_is_in_it) {
  auto reader = config_reader::from_text("[secions]\nsocket = \"x\"\n", "f");
  std::string socket;
  reader.text("sessions.socket", socket);
  EXPECT_FALSE(reader.finish().empty());
}

TEST(config_reader, reads_maps_and_lists) {
  auto reader = config_reader::from_text("m = { x = \"1\", y = \"2\" }\nl = [33, 34]\n", "f");
  std::map<std::string, std::string> map;
  std::vector<std::int64_t> list;
  reader.text_map("m", map);
  reader.integer_list("l", list);
  EXPECT_TRUE(reader.finish().empty());
  EXPECT_EQ(map.at("y"), "2");
  EXPECT_EQ(list, (std::vector<std::int64_t>{33, 34}));
}

TEST(config_reader, reads_one_text_or_a_list) {
  const auto read = [](const std::string& value, std::vector<std::string>& into) {
    auto reader = config_reader::from_text("l = " + value + "\n", "f");
    reader.text_or_list("l", into);
    return reader.finish();
  };
  std::vector<std::string> list{"default"};
  EXPECT_EQ(read("[\"a\", 1]", list).at(0), "f:1: l: found array; write text in quotes or a list of texts");
  EXPECT_EQ(list, std::vector<std::string>{"default"});
  EXPECT_TRUE(read("\"a\"", list).empty());
  EXPECT_EQ(list, std::vector<std::string>{"a"});
  EXPECT_TRUE(read("[\"a\", \"b\"]", list).empty());
  EXPECT_EQ(list, (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(read("\"\"", list).empty());
  EXPECT_TRUE(list.empty());
}

TEST(duration, needs_a_unit) {
  EXPECT_EQ(parse_duration("250ms"), 250ms);
  EXPECT_EQ(parse_duration("5s"), 5s);
  EXPECT_EQ(parse_duration("2m"), 2min);
  EXPECT_EQ(parse_duration("1h"), 1h);
  for (const char* wrong : {"", "5", "s", "-1s", "5 s", "1.5s", "5sec", "99999999999h"})
    EXPECT_EQ(parse_duration(wrong), std::nullopt) << wrong;
}

TEST(duration, is_written_in_the_largest_unit_that_fits) {
  EXPECT_EQ(format_duration(1500ms), "1500ms");
  EXPECT_EQ(format_duration(5s), "5s");
  EXPECT_EQ(format_duration(120s), "2m");
  EXPECT_EQ(format_duration(0ms), "0ms");
}

}  // namespace
}  // namespace mooring
