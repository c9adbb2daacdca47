#include "sessiond/resp/reply.hpp"

#include <gtest/gtest.h>

#include "sessiond/resp/parser.hpp"
#include "sessiond/resp/writer.hpp"

namespace mooring::sessiond {
namespace {

using kind = resp_reply::kind;

resp_reply read(std::string_view bytes) {
  return take_reply(bytes).value();
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
  EXPECT_EQ(take_reply(rest)->text, "OK");
  const resp_reply refused = take_reply(rest).value();
  EXPECT_EQ(refused.type, kind::error);
  EXPECT_EQ(refused.text, "ERR busy: try later");
  const resp_reply number = take_reply(rest).value();
  EXPECT_EQ(number.type, kind::integer);
  EXPECT_EQ(number.number, -7);
  EXPECT_EQ(take_reply(rest)->type, kind::nil);
  const resp_reply bulk = take_reply(rest).value();
  EXPECT_EQ(bulk.type, kind::bulk);
  EXPECT_EQ(bulk.text, std::string("a\r\nb\0", 5));
  EXPECT_TRUE(rest.empty());
}

TEST(resp_reply, reads_arrays_of_single_replies) {
  const resp_reply opened = read("*2\r\n$-1\r\n$4\r\ndata\r\n+OK\r\n");
  ASSERT_EQ(opened.type, kind::array);
  ASSERT_EQ(opened.elements.size(), 2U);
  EXPECT_EQ(opened.elements[0].type, kind::nil);
  EXPECT_EQ(opened.elements[1].text, "data");
  EXPECT_TRUE(read("*0\r\n").elements.empty());
}

TEST(resp_reply, needs_every_byte) {
  const std::string whole = "*2\r\n$-1\r\n$4\r\ndata\r\n";
  for (std::size_t length = 0; length < whole.size(); ++length) {
    std::string_view part = std::string_view(whole).substr(0, length);
    EXPECT_EQ(take_reply(part).error().code(), errc::bad_data) << length;
  }
}

TEST(resp_reply, refuses_what_no_sessiond_says) {
  for (const char* bytes :
       {"HTTP/1.1 400 Bad Request\r\n", "\r\n", "$x\r\n", "$-2\r\n", "$2\r\nabcd", ":\r\n", ":1x\r\n", "*-1\r\n",
        "*x\r\n", "*1\r\n*0\r\n", "*1\r\n\r\n", "$99999999999999999999\r\n"}) {
    std::string_view rest = bytes;
    EXPECT_FALSE(take_reply(rest)) << bytes;
  }
}

TEST(resp_reply, has_limits) {
  const auto bulk_of = [](std::size_t size) {
    std::string bytes;
    resp_writer(bytes).bulk(std::string(size, 'x'));
    std::string_view rest = bytes;
    return bool(take_reply(rest));
  };
  EXPECT_TRUE(bulk_of(max_bulk_bytes));
  EXPECT_FALSE(bulk_of(max_bulk_bytes + 1));
  const auto array_of = [](std::size_t count) {
    std::string bytes;
    resp_writer out(bytes);
    out.array(count);
    for (std::size_t i = 0; i < count; ++i)
      out.nil();
    std::string_view rest = bytes;
    return bool(take_reply(rest));
  };
  EXPECT_TRUE(array_of(max_reply_elements));
  EXPECT_FALSE(array_of(max_reply_elements + 1));
}

}  // namespace
}  // namespace mooring::sessiond
