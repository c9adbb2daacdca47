// Replays every story of tests/transcripts and compares what the machine does with what the file says.
// MOORING_REWRITE_TRANSCRIPTS=1 writes the files anew: read the difference before it is committed.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "tests/support/region_story.hpp"

namespace mooring::sidecar {
namespace {

constexpr std::size_t fewest_stories = 25;
constexpr std::size_t lines_of_context = 3;
constexpr std::size_t most_lines_shown = 40;

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::set<std::filesystem::path> stories() {
  std::set<std::filesystem::path> out;
  for (const auto& entry : std::filesystem::directory_iterator(MOORING_TRANSCRIPTS))
    if (entry.path().extension() == ".txt") out.insert(entry.path());
  return out;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);)
    out.push_back(line);
  return out;
}

// From the first line that differs to the last one, with some lines around.
std::string difference(const std::string& expected, const std::string& found) {
  const auto before = lines_of(expected);
  const auto after = lines_of(found);
  std::size_t same_head = 0;
  while (same_head < std::min(before.size(), after.size()) && before[same_head] == after[same_head])
    ++same_head;
  std::size_t same_tail = 0;
  while (same_tail < std::min(before.size(), after.size()) - same_head &&
         before[before.size() - 1 - same_tail] == after[after.size() - 1 - same_tail])
    ++same_tail;
  std::ostringstream out;
  const auto show = [&out](char mark, const std::vector<std::string>& lines, std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < std::min(to, from + most_lines_shown); ++i)
      out << mark << " " << lines[i] << "\n";
    if (to > from + most_lines_shown) out << mark << " ... and " << to - from - most_lines_shown << " lines more\n";
  };
  show(' ', before, same_head - std::min(same_head, lines_of_context), same_head);
  show('-', before, same_head, before.size() - same_tail);
  show('+', after, same_head, after.size() - same_tail);
  show(' ', after, after.size() - same_tail, after.size() - same_tail + std::min(same_tail, lines_of_context));
  return out.str();
}

TEST(region_transcripts, tell_what_the_machine_does) {
  const bool rewrite = std::getenv("MOORING_REWRITE_TRANSCRIPTS") != nullptr;
  ASSERT_GE(stories().size(), fewest_stories) << "in " << MOORING_TRANSCRIPTS;
  for (const auto& path : stories()) {
    const std::string expected = content_of(path);
    std::string found;
    try {
      found = test::region_story::replay(expected);
    } catch (const std::exception& wrong) {
      ADD_FAILURE() << path.filename() << ", " << wrong.what();
      continue;
    }
    if (rewrite)
      std::ofstream(path, std::ios::binary) << found;
    else
      EXPECT_TRUE(found == expected) << path.filename() << ": - as it is told, + as it happens\n"
                                     << difference(expected, found);
  }
}

TEST(region_transcripts, a_difference_shows_the_lines_that_differ_and_some_around) {
  EXPECT_EQ(difference("1\n2\n3\n4\n5\nold\n6\n7\n8\n9\n", "1\n2\n3\n4\n5\nnew\nmore\n6\n7\n8\n9\n"),
            "  3\n  4\n  5\n- old\n+ new\n+ more\n  6\n  7\n  8\n");
  EXPECT_EQ(difference("1\n", "1\n2\n"), "  1\n+ 2\n");
  EXPECT_EQ(difference("1\n2\n", ""), "- 1\n- 2\n");
}

TEST(region_transcripts, a_line_that_is_no_command_is_named) {
  for (const char* wrong : {"start", "0s begin", "0s start\n10s us-east-1 explodes", "5s start\n1s end",
                            "setting fall = 1", "0s start\n1s pin us-east-1", "0s start\n1s us-east-1 errors 2 in 5"})
    EXPECT_THROW(test::region_story::replay(wrong), std::runtime_error) << wrong;
}

}  // namespace
}  // namespace mooring::sidecar
