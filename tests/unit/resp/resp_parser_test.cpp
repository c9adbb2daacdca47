#include "mooring/resp/parser.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "mooring/resp/writer.hpp"

namespace mooring {
namespace {

void feed(resp_parser& parser, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto room = parser.prepare();
    const auto count = std::min(room.size(), bytes.size());
    std::copy_n(bytes.begin(), count, room.begin());
    parser.commit(count);
    bytes.remove_prefix(count);
  }
}

std::string encoded(const resp_request& request) {
  std::string out;
  resp_writer writer(out);
  writer.array(request.size());
  for (const auto& argument : request)
    writer.bulk(argument);
  return out;
}

const std::vector<resp_request> dialogue{
    {"PING"}, {"SESSION.COMMIT", "PHPSESSID", "abc", "1-x", "1440", std::string("a\r\n$5\r\n\0b", 9)}, {"ECHO", ""}};

std::vector<resp_request> parsed_in_pieces(const std::string& bytes, const std::vector<std::size_t>& cuts) {
  resp_parser parser;
  std::vector<resp_request> out;
  std::size_t start = 0;
  for (const std::size_t end : cuts) {
    feed(parser, std::string_view(bytes).substr(start, end - start));
    start = end;
    while (parser.next() == resp_parser::step::request)
      out.push_back(parser.take());
  }
  EXPECT_EQ(parser.fault(), "");
  return out;
}

TEST(resp_parser, it_does_not_matter_where_the_bytes_are_cut) {
  std::string bytes;
  for (const auto& request : dialogue)
    bytes += encoded(request);
  std::vector<std::size_t> every_byte;
  for (std::size_t cut = 1; cut <= bytes.size(); ++cut) {
    every_byte.push_back(cut);
    EXPECT_EQ(parsed_in_pieces(bytes, {cut, bytes.size()}), dialogue) << cut;
  }
  EXPECT_EQ(parsed_in_pieces(bytes, every_byte), dialogue);
  std::mt19937 random(42);
  for (int round = 0; round < 500; ++round) {
    std::vector<std::size_t> cuts{bytes.size()};
    for (int i = 0; i < 6; ++i)
      cuts.push_back(random() % bytes.size());
    std::sort(cuts.begin(), cuts.end());
    EXPECT_EQ(parsed_in_pieces(bytes, cuts), dialogue);
  }
}

TEST(resp_parser, an_empty_array_is_no_request) {
  resp_parser parser;
  feed(parser, "*0\r\n*1\r\n$4\r\nPING\r\n");
  ASSERT_EQ(parser.next(), resp_parser::step::request);
  EXPECT_EQ(parser.take(), resp_request{"PING"});
}

std::string fault_of(const std::string& bytes) {
  resp_parser parser;
  feed(parser, bytes);
  while (parser.next() == resp_parser::step::request)
    parser.take();
  EXPECT_EQ(parser.next() == resp_parser::step::malformed, !parser.fault().empty());
  return parser.fault();
}

TEST(resp_parser, garbage_fails_at_its_first_byte) {
  for (const char* bytes :
       {"GET / HTTP/1.1\r\n", "\x16\x03\x01", "PING x\r\n", "ping\r\n", "$4\r\n", "*1\r\nPING", "*1\r\n+OK\r\n"})
    EXPECT_NE(fault_of(bytes), "") << bytes;
}

TEST(resp_parser, takes_a_bare_ping_however_it_is_cut) {
  resp_parser parser;
  feed(parser, "PI");
  EXPECT_EQ(parser.next(), resp_parser::step::need_more);
  feed(parser, "NG\r\nPING\r\n*1\r\n$4\r\nPING\r\n");
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(parser.next(), resp_parser::step::request);
    EXPECT_EQ(parser.take(), resp_request{"PING"});
  }
  EXPECT_EQ(parser.next(), resp_parser::step::need_more);
}

TEST(resp_parser, refuses_lengths_that_are_none) {
  for (const char* bytes : {"*-1\r\n", "*x\r\n", "*1x\r\n", "*\r\n", "*1\r\n$-1\r\n", "*1\r\n$ 4\r\n", "*1\n\r\n",
                            "*00000000000000000001\r\n", "*1\r\n$99999999999999999999\r\n"})
    EXPECT_NE(fault_of(bytes), "") << bytes;
  EXPECT_NE(fault_of("*1\r\n$4\r\nPINGS\r\n"), "");
}

TEST(resp_parser, takes_limits_and_refuses_one_more) {
  EXPECT_EQ(fault_of("*" + std::to_string(max_arguments) + "\r\n"), "");
  EXPECT_NE(fault_of("*" + std::to_string(max_arguments + 1) + "\r\n"), "");
  EXPECT_EQ(fault_of(encoded({std::string(max_bulk_bytes, 'x')})), "");
  EXPECT_NE(fault_of("*1\r\n$" + std::to_string(max_bulk_bytes + 1) + "\r\n"), "");
  const std::string rest(max_request_bytes - max_bulk_bytes, 'y');
  EXPECT_EQ(fault_of(encoded({std::string(max_bulk_bytes, 'x'), rest})), "");
  EXPECT_NE(fault_of(encoded({std::string(max_bulk_bytes, 'x'), rest + "y"})), "");
}

TEST(resp_parser, a_huge_header_allocates_nothing) {
  resp_parser parser;
  feed(parser, "*1\r\n$536870912\r\n");
  EXPECT_EQ(parser.next(), resp_parser::step::malformed);
  EXPECT_LE(parser.prepare().size(), 16U * 1024);
}

TEST(resp_parser, gives_room_as_bytes_come_and_takes_it_back) {
  resp_parser parser;
  feed(parser, "*1\r\n$400000\r\n");
  ASSERT_EQ(parser.next(), resp_parser::step::need_more);
  EXPECT_LE(parser.prepare().size(), 4096U);
  feed(parser, std::string(100'000, 'x'));
  ASSERT_EQ(parser.next(), resp_parser::step::need_more);
  EXPECT_GE(parser.prepare().size(), 100'000U);
  feed(parser, std::string(300'000, 'x') + "\r\n");
  ASSERT_EQ(parser.next(), resp_parser::step::request);
  EXPECT_EQ(parser.take().at(0).size(), 400'000U);
  EXPECT_LE(parser.prepare().size(), 16U * 1024);
}

TEST(resp_writer, writes_every_kind_of_reply) {
  std::string out;
  resp_writer writer(out);
  writer.ok();
  writer.error("a\r\nb");
  writer.integer(-3);
  writer.nil();
  writer.array(2);
  writer.bulk(std::string_view("\r\n", 2));
  writer.bulk("");
  EXPECT_EQ(out, "+OK\r\n-ERR a  b\r\n:-3\r\n$-1\r\n*2\r\n$2\r\n\r\n\r\n$0\r\n\r\n");
}

}  // namespace
}  // namespace mooring
