#include "mooring/base/log.hpp"

#include <gtest/gtest.h>

namespace mooring {
namespace {

TEST(log, writes_one_logfmt_line) {
  std::string lines;
  logger::to_string(lines).info("sessiond.ready", "socket", "/run/s.sock", "connections", 3, "clean", true);
  EXPECT_EQ(lines, "level=info event=sessiond.ready socket=/run/s.sock connections=3 clean=true\n");
}

TEST(log, quotes_what_could_forge_a_line) {
  std::string lines;
  logger::to_string(lines).warn("x", "why", "a \"b\"\nlevel=error", "empty", "");
  EXPECT_EQ(lines, "level=warn event=x why=\"a \\\"b\\\"\\x0alevel=error\" empty=\"\"\n");
}

TEST(log, drops_what_is_below_its_level) {
  std::string lines;
  const auto log = logger::to_string(lines, log_level::warn);
  log.info("quiet");
  log.error("loud");
  EXPECT_EQ(lines, "level=error event=loud\n");
}

}  // namespace
}  // namespace mooring
