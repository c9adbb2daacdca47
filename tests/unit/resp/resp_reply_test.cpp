#include "mooring/resp/reply.hpp"

#include <gtest/gtest.h>

#include "mooring/resp/writer.hpp"

namespace mooring {
namespace {

using kind = resp_reply::kind;

resp_reply read_reply(std::string_view& bytes) {
  const auto reply = take_reply(bytes);
  return reply && *reply ? **reply : throw std::logic_error("no reply");
}

resp_reply only_reply(std::string_view bytes) {
  return read_reply(bytes);
}

bool is_wrong(std::string_view bytes) {
  const auto reply = take_reply(bytes);
  return reply && !*reply && reply->error().code() == errc::bad_data;
}

TEST(resp_reply, reads_what_the_writer_writes) {
  std::string bytes;
  resp_writer out(bytes);
  out.ok();
  out.error("busy: try later");
  out.integer(-7);
  out.nil();
  out.bulk(std::string("a\r\nb\0", 5));
  std::string_view rest = bytes;
  EXPECT_EQ(read_reply(rest).text, "OK");
  const resp_reply refused = read_reply(rest);
  EXPECT_EQ(refused.type, kind::error);
  EXPECT_EQ(refused.text, "ERR busy: try later");
  const resp_reply number = read_reply(rest);
  EXPECT_EQ(number.type, kind::integer);
  EXPECT_EQ(number.number, -7);
  EXPECT_EQ(read_reply(rest).type, kind::nil);
  const resp_reply bulk = read_reply(rest);
  EXPECT_EQ(bulk.type, kind::bulk);
  EXPECT_EQ(bulk.text, std::string("a\r\nb\0", 5));
  EXPECT_TRUE(rest.empty());
}

TEST(resp_reply, reads_arrays_of_single_replies) {
  const resp_reply opened = only_reply("*2\r\n$-1\r\n$4\r\ndata\r\n+OK\r\n");
  ASSERT_EQ(opened.type, kind::array);
  ASSERT_EQ(opened.elements.size(), 2U);
  EXPECT_EQ(opened.elements[0].type, kind::nil);
  EXPECT_EQ(opened.elements[1].text, "data");
  EXPECT_TRUE(only_reply("*0\r\n").elements.empty());
}

TEST(resp_reply, waits_for_every_byte_and_takes_none_before) {
  for (const std::string& whole :
       {std::string("*2\r\n$-1\r\n$4\r\ndata\r\n"), std::string("+PONG\r\n"), std::string("$10\r\na_metric 1\r\n")}) {
    for (std::size_t length = 0; length < whole.size(); ++length) {
      std::string_view part = std::string_view(whole).substr(0, length);
      EXPECT_FALSE(take_reply(part)) << whole << " " << length;
      EXPECT_EQ(part.size(), length);
    }
  }
}

TEST(resp_reply, knows_what_no_sessiond_says) {
  for (const char* bytes :
       {"HTTP/1.1 400 Bad Request\r\n", "H", "\r\n", "$x\r\n", "$-2\r\n", "$2\r\nabcd", "$2\r\nab\rx", ":\r\n",
        ":1x\r\n", "*-1\r\n", "*x\r\n", "*1\r\n*0\r\n", "*1\r\n\r\n", "$99999999999999999999\r\n"})
    EXPECT_TRUE(is_wrong(bytes)) << bytes;
}

TEST(resp_reply, has_limits) {
  const auto bulk_header = [](std::size_t size) { return "$" + std::to_string(size) + "\r\n"; };
  const std::string longest(max_reply_bulk_bytes, 'x');
  EXPECT_EQ(only_reply(bulk_header(longest.size()) + longest + "\r\n").text, longest);
  EXPECT_TRUE(is_wrong(bulk_header(longest.size() + 1))) << "before its bytes are waited for";

  const auto array_of = [](std::size_t count) {
    std::string bytes;
    resp_writer out(bytes);
    out.array(count);
    for (std::size_t i = 0; i < count; ++i)
      out.nil();
    return bytes;
  };
  EXPECT_EQ(only_reply(array_of(max_reply_elements)).elements.size(), max_reply_elements);
  EXPECT_TRUE(is_wrong(array_of(max_reply_elements + 1)));

  const std::string line = "+" + std::string(max_reply_line_bytes - 1, 'x');
  EXPECT_EQ(only_reply(line + "\r\n").text.size(), line.size() - 1);
  EXPECT_TRUE(is_wrong(line + "x\r\n"));
  std::string_view unfinished = line;
  EXPECT_FALSE(take_reply(unfinished));
  EXPECT_TRUE(is_wrong(line + "xx")) << "a line without end is not waited for";
}

}  // namespace
}  // namespace mooring
