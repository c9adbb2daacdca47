#include "sidecar/http/request_reader.hpp"

#include <gtest/gtest.h>

#include <string>

namespace mooring::sidecar {
namespace {

std::optional<http_arrival> only(std::string_view bytes) {
  request_reader reader;
  reader.append(bytes);
  return reader.next();
}

unsigned refusal_of(std::string_view bytes) {
  const auto arrived = only(bytes);
  return arrived ? arrived->refusal : 0;
}

std::string head_of(std::size_t size) {
  const std::string start = "GET /healthz HTTP/1.1\r\nX-Filler: ";
  return start + std::string(size - start.size() - 4, 'x') + "\r\n\r\n";
}

TEST(request_reader, understands_what_the_probers_send) {
  const auto haproxy = only("OPTIONS /healthz HTTP/1.0\r\n\r\n");
  ASSERT_TRUE(haproxy && haproxy->question);
  EXPECT_EQ(haproxy->question->method, http_method::options);
  EXPECT_FALSE(haproxy->question->http_1_1);
  EXPECT_FALSE(haproxy->question->keep_alive);
  const auto kept = only("GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  ASSERT_TRUE(kept && kept->question);
  EXPECT_TRUE(kept->question->keep_alive);
  const auto monitor = only("HEAD /readyz?x=1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  ASSERT_TRUE(monitor && monitor->question);
  EXPECT_EQ(monitor->question->method, http_method::head);
  EXPECT_EQ(monitor->question->path, "/readyz");
  EXPECT_FALSE(monitor->question->keep_alive);
  const auto post = only("POST /healthz HTTP/1.1\r\nContent-Length: 2\r\n\r\nab");
  ASSERT_TRUE(post && post->question);
  EXPECT_EQ(post->question->method, http_method::other);
}

TEST(request_reader, every_split_gives_the_same_requests) {
  const std::string stream =
      "GET /a HTTP/1.1\r\nHost: x\r\n\r\n\r\nPOST /b HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcHEAD /c HTTP/1.0\r\n\r\n";
  for (std::size_t split = 0; split <= stream.size(); ++split) {
    request_reader reader;
    std::string paths;
    for (const std::string& part : {stream.substr(0, split), stream.substr(split)}) {
      reader.append(part);
      while (auto arrived = reader.next()) {
        ASSERT_TRUE(arrived->question) << "split at " << split << ": " << arrived->refusal;
        paths += arrived->question->path;
      }
    }
    EXPECT_EQ(paths, "/a/b/c") << "split at " << split;
    EXPECT_FALSE(reader.begun());
  }
}

TEST(request_reader, single_bytes_are_enough) {
  request_reader reader;
  const std::string bytes = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
  for (std::size_t i = 0; i + 1 < bytes.size(); ++i) {
    reader.append(bytes.substr(i, 1));
    ASSERT_FALSE(reader.next());
    EXPECT_TRUE(reader.begun());
  }
  reader.append(bytes.substr(bytes.size() - 1));
  const auto arrived = reader.next();
  ASSERT_TRUE(arrived && arrived->question);
}

TEST(request_reader, a_head_of_eight_kib_is_the_largest) {
  EXPECT_TRUE(only(head_of(max_head_bytes))->question);
  EXPECT_EQ(refusal_of(head_of(max_head_bytes + 1)), 431U);
  request_reader reader;
  reader.append(head_of(max_head_bytes + 10).substr(0, max_head_bytes - 1));
  EXPECT_FALSE(reader.next()) << "it may still end";
  reader.append("x");
  const auto arrived = reader.next();
  ASSERT_TRUE(arrived);
  EXPECT_EQ(arrived->refusal, 431U);
}

TEST(request_reader, a_long_request_line_is_too_large_as_well) {
  EXPECT_EQ(refusal_of("GET /" + std::string(max_head_bytes, 'a')), 431U);
}

TEST(request_reader, a_head_at_the_limit_byte_by_byte) {
  const std::string bytes = head_of(max_head_bytes);
  request_reader reader;
  for (const char c : bytes.substr(0, bytes.size() - 1)) {
    reader.append(std::string_view(&c, 1));
    ASSERT_FALSE(reader.next());
  }
  reader.append("\n");
  EXPECT_TRUE(reader.next()->question);
}

TEST(request_reader, a_body_over_the_limit_is_refused) {
  const std::string at = std::to_string(max_body_bytes);
  EXPECT_TRUE(
      only("POST / HTTP/1.1\r\nContent-Length: " + at + "\r\n\r\n" + std::string(max_body_bytes, 'x'))->question);
  EXPECT_EQ(refusal_of("POST / HTTP/1.1\r\nContent-Length: " + std::to_string(max_body_bytes + 1) + "\r\n\r\n"), 413U);
}

TEST(request_reader, garbage_is_refused) {
  for (const std::string_view garbage :
       {std::string_view("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 15),
        std::string_view("PROXY TCP4 203.0.113.1 203.0.113.2 35646 80\r\n\r\n"),
        std::string_view("GET /healthz\r\n\r\n"), std::string_view("\x00\xff\xfe\r\n\r\n", 7),
        std::string_view("garbage\n"), std::string_view("GET /healthz HTTP/1.1\r\nno colon here\r\n\r\n"),
        std::string_view("GET /healthz HTTP/2.0\r\n\r\n"), std::string_view("GET /healthz HTTP/0.9\r\n\r\n"),
        std::string_view("GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
        std::string_view("GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n")})
    EXPECT_EQ(refusal_of(garbage), 400U) << garbage;
}

TEST(request_reader, an_empty_line_before_a_request_is_ignored) {
  EXPECT_TRUE(only("\r\n\r\nGET / HTTP/1.1\r\n\r\n")->question);
  EXPECT_FALSE(only("\r\n"));
}

TEST(request_reader, the_path_is_what_is_left_of_the_target) {
  EXPECT_EQ(path_of("/healthz"), "/healthz");
  EXPECT_EQ(path_of("/healthz?a=/b"), "/healthz");
  EXPECT_EQ(path_of("http://10.0.0.1:8081/healthz?x"), "/healthz");
  EXPECT_EQ(path_of("http://10.0.0.1"), "/");
  EXPECT_EQ(path_of("*"), "*");
}

}  // namespace
}  // namespace mooring::sidecar
