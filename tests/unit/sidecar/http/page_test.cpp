#include "sidecar/http/page.hpp"

#include <gtest/gtest.h>

namespace mooring::sidecar {
namespace {

http_question question(http_method method, bool http_1_1, bool keep_alive) {
  http_question q;
  q.method = method;
  q.http_1_1 = http_1_1;
  q.keep_alive = keep_alive;
  return q;
}

std::string body_of(const std::string& bytes) {
  return bytes.substr(bytes.find("\r\n\r\n") + 4);
}

TEST(page, healthy_bytes_are_exactly_these) {
  const page healthy = health_page(verdict_kind::pass);
  EXPECT_EQ(healthy.bytes(question(http_method::get, true, true)),
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\nCache-Control: no-store\r\n"
            "Connection: keep-alive\r\n\r\nOK\n");
  EXPECT_EQ(healthy.bytes(question(http_method::get, false, false)),
            "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\nCache-Control: no-store\r\n"
            "Connection: close\r\n\r\nOK\n");
}

TEST(page, every_form_follows_the_request) {
  for (const auto kind :
       {verdict_kind::pass, verdict_kind::warn, verdict_kind::fail, verdict_kind::starting, verdict_kind::draining}) {
    const page p = health_page(kind);
    for (const auto method : {http_method::get, http_method::head, http_method::options}) {
      for (const bool http_1_1 : {true, false}) {
        for (const bool keep_alive : {true, false}) {
          const std::string& bytes = p.bytes(question(method, http_1_1, keep_alive));
          EXPECT_TRUE(bytes.starts_with(http_1_1 ? "HTTP/1.1 " : "HTTP/1.0 ")) << bytes;
          EXPECT_EQ(bytes.find("Connection: close\r\n") == std::string::npos, keep_alive) << bytes;
          const std::string body = body_of(bytes);
          EXPECT_EQ(body.empty(), method == http_method::head) << bytes;
          const std::string full = body_of(p.bytes(question(http_method::get, true, true)));
          EXPECT_NE(bytes.find("Content-Length: " + std::to_string(full.size()) + "\r\n"), std::string::npos) << bytes;
          EXPECT_NE(bytes.find("Cache-Control: no-store\r\n"), std::string::npos);
          EXPECT_EQ(bytes.find("Transfer-Encoding"), std::string::npos);
        }
      }
    }
  }
}

TEST(page, only_a_healthy_body_holds_ok_and_it_comes_first) {
  const http_question get = question(http_method::get, true, true);
  for (const auto kind : {verdict_kind::pass, verdict_kind::warn}) {
    EXPECT_EQ(health_page(kind).status(), 200U);
    EXPECT_EQ(body_of(health_page(kind).bytes(get)), "OK\n");
  }
  const std::pair<verdict_kind, const char*> sick[] = {
      {verdict_kind::fail, "FAIL\n"}, {verdict_kind::starting, "STARTING\n"}, {verdict_kind::draining, "DRAINING\n"}};
  for (const auto& [kind, word] : sick) {
    EXPECT_EQ(health_page(kind).status(), 503U);
    EXPECT_EQ(body_of(health_page(kind).bytes(get)), word);
    EXPECT_EQ(health_page(kind).bytes(get).find("OK"), std::string::npos);
  }
  for (const unsigned status : {400U, 404U, 405U, 408U, 413U, 431U}) {
    const std::string bytes = refusal_page(status, "GET").bytes(get);
    EXPECT_EQ(bytes.find("OK"), std::string::npos) << bytes;
    EXPECT_TRUE(bytes.starts_with("HTTP/1.1 " + std::to_string(status) + " ")) << bytes;
  }
}

TEST(page, allow_goes_with_405_only) {
  const http_question get = question(http_method::get, true, true);
  EXPECT_NE(refusal_page(405, "GET, HEAD").bytes(get).find("Allow: GET, HEAD\r\n"), std::string::npos);
  EXPECT_EQ(refusal_page(404, "GET, HEAD").bytes(get).find("Allow"), std::string::npos);
}

}  // namespace
}  // namespace mooring::sidecar
