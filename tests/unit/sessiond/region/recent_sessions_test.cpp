#include "sessiond/region/recent_sessions.hpp"

#include <gtest/gtest.h>

namespace mooring::sessiond {
namespace {

using namespace std::chrono_literals;
using kind = recent_session::kind;
using keys = std::vector<std::string>;

const steady_time start{};

recent_session known(kind what, std::size_t region, steady_time when, const std::string& data = "") {
  recent_session out;
  out.what = what;
  out.version = 7;
  out.data = data;
  out.region = region;
  out.when = when;
  return out;
}

TEST(recent_sessions, are_known_for_their_window) {
  recent_sessions recent(120s);
  recent.note("k", known(kind::written, 0, start));
  EXPECT_NE(recent.find("k", start + 120s), nullptr);
  EXPECT_EQ(recent.find("k", start + 120s + 1ms), nullptr);
  EXPECT_EQ(recent.bytes(), 0U);
}

TEST(recent_sessions, the_last_thing_known_counts) {
  recent_sessions recent(120s);
  recent.note("k", known(kind::written, 0, start, "data"));
  const std::size_t bytes = recent.bytes();
  recent.note("k", known(kind::removed, 0, start + 1s));
  EXPECT_EQ(recent.find("k", start + 1s)->what, kind::removed);
  EXPECT_EQ(recent.bytes(), bytes - 4);
  recent.forget("k");
  EXPECT_EQ(recent.find("k", start + 1s), nullptr);
}

TEST(recent_sessions, what_was_written_elsewhere_is_missing_newest_first) {
  recent_sessions recent(120s);
  recent.note("b", known(kind::written, 0, start));
  recent.note("a", known(kind::removed, 0, start));
  recent.note("read", known(kind::read, 0, start));
  recent.note("there", known(kind::written, 1, start));
  recent_session moved = known(kind::read, 0, start);
  moved.expiry_moved = true;
  recent.note("moved", std::move(moved));
  EXPECT_EQ(recent.missing_in(1, start), (keys{"a", "b", "moved"}));
  EXPECT_EQ(recent.missing_in(0, start), (keys{"there"}));
}

TEST(recent_sessions, the_oldest_are_forgotten_when_they_are_too_many_bytes) {
  recent_sessions recent(120s);
  const std::string quarter(max_recent_bytes / 4, 'x');
  for (const char* name : {"a", "b", "c"})
    recent.note(name, known(kind::written, 0, start, quarter));
  const std::size_t left = max_recent_bytes - recent.bytes();
  EXPECT_EQ(recent.note("d", known(kind::written, 0, start, std::string(left - 256 - 2, 'x'))), 0U);
  EXPECT_EQ(recent.bytes(), max_recent_bytes);
  EXPECT_NE(recent.find("a", start), nullptr);
  EXPECT_EQ(recent.note("d", known(kind::written, 0, start, std::string(left - 256 - 1, 'x'))), 1U);
  EXPECT_EQ(recent.find("a", start), nullptr);
  EXPECT_NE(recent.find("b", start), nullptr);
}

}  // namespace
}  // namespace mooring::sessiond
