#include "sidecar/http/admin_site.hpp"

#include <gtest/gtest.h>

#include "sidecar/http/status_page.hpp"

namespace mooring::sidecar {
namespace {

class admin_site_test : public ::testing::Test {
 protected:
  admin_site_test() {
    mysql_ = board_.add("mysql", "datastore", on_failure::fail);
    registry_.make_counter("a_metric", "help").add();
  }

  std::string ask(const std::string& path, http_method method = http_method::get) {
    http_question q;
    q.method = method;
    q.path = path;
    return site_.answer(q);
  }

  system_clock time_;
  metrics registry_;
  status_board board_;
  std::size_t mysql_ = 0;
  node_status node_{board_,
                    "web-1",
                    "1.2.3",
                    wall_time{},
                    [] { return std::string("us-east-1"); },
                    [] { return std::vector<std::string>{"a note"}; }};
  admin_site site_{node_, time_, registry_, [] { return std::string("from_sessiond 1\n"); }};
};

TEST_F(admin_site_test, metrics_are_both_daemons_and_always_200) {
  board_.record(mysql_, outcome::failed(failure_class::down, "gone"), check_state::down, time_.wall());
  board_.judge_again();
  const std::string said = ask("/metrics");
  EXPECT_TRUE(said.starts_with("HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4")) << said;
  EXPECT_NE(said.find("a_metric 1\n"), std::string::npos);
  EXPECT_TRUE(said.ends_with("from_sessiond 1\n"));
}

TEST_F(admin_site_test, status_json_begins_with_the_status) {
  board_.record(mysql_, outcome::fine(), check_state::up, wall_time(seconds(1'760'946'480)));
  board_.judge_again();
  const std::string said = ask("/status.json");
  EXPECT_TRUE(said.starts_with("HTTP/1.1 200 OK\r\nContent-Type: application/health+json\r\n")) << said;
  EXPECT_NE(said.find("\r\n\r\n{\n  \"status\": \"pass\""), std::string::npos) << said;
  EXPECT_NE(said.find("\"mysql:responseTime\""), std::string::npos);
  EXPECT_NE(said.find("\"time\": \"2025-10-20T07:48:00Z\""), std::string::npos) << said;
  EXPECT_EQ(said.find("\"output\""), std::string::npos) << "the draft leaves it out on pass";
}

TEST_F(admin_site_test, status_json_of_a_failing_node_is_503_with_the_reason) {
  board_.record(mysql_, outcome::failed(failure_class::down, "gone \xff away"), check_state::down, time_.wall());
  board_.judge_again();
  const std::string said = ask("/status.json");
  EXPECT_TRUE(said.starts_with("HTTP/1.1 503 ")) << said;
  EXPECT_NE(said.find("\"status\": \"fail\""), std::string::npos);
  EXPECT_NE(said.find("gone"), std::string::npos);
}

TEST_F(admin_site_test, a_failure_that_does_not_count_yet_is_not_output) {
  board_.record(mysql_, outcome::fine(), check_state::up, time_.wall());
  board_.judge_again();
  board_.record(mysql_, outcome::failed(failure_class::down, "once"), check_state::up, time_.wall());
  board_.judge_again();
  const std::string said = ask("/status.json");
  EXPECT_TRUE(said.starts_with("HTTP/1.1 200 ")) << said;
  EXPECT_EQ(said.find("\"output\""), std::string::npos);
  EXPECT_NE(said.find("\"inDoubt\": \"once\""), std::string::npos);
}

TEST_F(admin_site_test, the_status_page_escapes_what_servers_say) {
  board_.record(mysql_, outcome::failed(failure_class::down, "<script>alert('x') & \"y\""), check_state::down,
                time_.wall());
  board_.judge_again();
  const std::string said = ask("/status");
  EXPECT_TRUE(said.starts_with("HTTP/1.1 200 OK\r\nContent-Type: text/html")) << said;
  EXPECT_EQ(said.find("<script>"), std::string::npos);
  EXPECT_NE(said.find("&lt;script&gt;alert(&#39;x&#39;) &amp; &quot;y&quot;"), std::string::npos) << said;
}

TEST_F(admin_site_test, the_front_leads_to_the_status_page) {
  const std::string said = ask("/");
  EXPECT_TRUE(said.starts_with("HTTP/1.1 302 Found\r\n")) << said;
  EXPECT_NE(said.find("Location: /status\r\n"), std::string::npos);
}

TEST_F(admin_site_test, it_only_reads) {
  EXPECT_TRUE(ask("/status", http_method::other).starts_with("HTTP/1.1 405 "));
  EXPECT_TRUE(ask("/healthz").starts_with("HTTP/1.1 404 "));
  EXPECT_TRUE(ask("/metrics", http_method::head).ends_with("\r\n\r\n"));
}

TEST(human_duration, shows_the_two_largest_units) {
  EXPECT_EQ(human_duration(seconds(0)), "0 s");
  EXPECT_EQ(human_duration(seconds(75)), "1 min 15 s");
  EXPECT_EQ(human_duration(seconds(3600)), "1 h");
  EXPECT_EQ(human_duration(seconds(90061)), "1 d 1 h");
}

}  // namespace
}  // namespace mooring::sidecar
