#include "sidecar/check/sessiond_reply.hpp"

#include <gtest/gtest.h>

namespace mooring::sidecar {
namespace {

TEST(sessiond_reply, needs_every_byte_of_both_replies) {
  const std::string whole = "+PONG\r\n$10\r\na_metric 1\r\n";
  for (std::size_t length = 0; length < whole.size(); ++length)
    EXPECT_FALSE(parse_sessiond_reply(std::string_view(whole).substr(0, length))) << length;
  const auto reply = parse_sessiond_reply(whole);
  ASSERT_TRUE(reply && *reply);
  EXPECT_EQ(**reply, "a_metric 1");
}

TEST(sessiond_reply, a_sessiond_without_metrics_is_fine) {
  const auto reply = parse_sessiond_reply("+PONG\r\n-ERR unknown command\r\n");
  ASSERT_TRUE(reply && *reply);
  EXPECT_EQ(**reply, "");
}

TEST(sessiond_reply, an_error_to_ping_is_quoted) {
  const auto reply = parse_sessiond_reply("-ERR too many connections\r\n");
  ASSERT_TRUE(reply && !*reply);
  EXPECT_NE(reply->error().detail().find("ERR too many connections"), std::string::npos);
}

TEST(sessiond_reply, other_programs_are_recognised) {
  for (const char* bytes : {"HTTP/1.1 400 Bad Request\r\n", "+OK\r\n", "+PONG\r\n:1\r\n", "+PONG\r\n$-1\r\n",
                            "+PONG\r\n$x\r\n", "+PONG\r\n$2\r\nabcd"}) {
    const auto reply = parse_sessiond_reply(bytes);
    ASSERT_TRUE(reply) << bytes;
    ASSERT_FALSE(*reply) << bytes;
    EXPECT_EQ(reply->error().code(), errc::bad_data) << bytes;
  }
  EXPECT_TRUE(parse_sessiond_reply(std::string(600, 'x'))) << "a line without end is not waited for";
}

TEST(sessiond_reply, metrics_have_a_limit) {
  const std::string at = "+PONG\r\n$" + std::to_string(max_sessiond_reply_bytes) + "\r\n";
  EXPECT_FALSE(parse_sessiond_reply(at)) << "wait for them";
  const auto over = parse_sessiond_reply("+PONG\r\n$" + std::to_string(max_sessiond_reply_bytes + 1) + "\r\n");
  ASSERT_TRUE(over && !*over);
  EXPECT_EQ(over->error().code(), errc::too_large);
}

}  // namespace
}  // namespace mooring::sidecar
