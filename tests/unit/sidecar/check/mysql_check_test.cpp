#include "sidecar/check/mysql_check.hpp"

#include <gtest/gtest.h>

#include <boost/asio/ip/tcp.hpp>

#include "mooring/net/deadline.hpp"
#include "tests/support/run_task.hpp"

namespace mooring::sidecar {
namespace {

using namespace std::chrono_literals;
using asio::ip::tcp;

task<result<outcome>> probed(check& subject) {
  outcome found = co_await subject.probe(std::chrono::steady_clock::now() + 1s);
  co_return found;
}

task<result<outcome>> probed_until(check& subject, steady_time deadline) {
  co_return co_await with_deadline(probed(subject), deadline, "probe");
}

mysql_check_settings at_port(unsigned short port) {
  mysql_check_settings out;
  out.host = "127.0.0.1";
  out.port = port;
  out.user = "shop";
  out.password = "a secret";
  out.timeout = 1s;
  return out;
}

TEST(mysql_check, error_codes_have_classes) {
  EXPECT_EQ(class_of_mysql_error(1040), failure_class::overload);
  for (const unsigned code : {1044U, 1045U, 1049U})
    EXPECT_EQ(class_of_mysql_error(code), failure_class::configuration);
  for (const unsigned code : {2002U, 2003U, 2005U, 2006U, 2013U})
    EXPECT_EQ(class_of_mysql_error(code), failure_class::down);
  EXPECT_EQ(class_of_mysql_error(1064), failure_class::bad_answer);
}

TEST(mysql_check, a_closed_port_is_down_and_the_password_is_not_told) {
  asio::io_context io(1);
  tcp::acceptor unused(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  const unsigned short port = unused.local_endpoint().port();
  unused.close();
  const auto subject = make_mysql_check(at_port(port));
  const auto found = test::run_task(probed(*subject));
  ASSERT_TRUE(found);
  EXPECT_FALSE(found->ok());
  EXPECT_EQ(found->why(), failure_class::down);
  EXPECT_NE(found->reason().find("127.0.0.1:" + std::to_string(port)), std::string::npos) << found->reason();
  EXPECT_EQ(found->reason().find("secret"), std::string::npos);
  EXPECT_FALSE(subject->hangs());
}

TEST(mysql_check, no_second_run_is_queued_behind_one_that_hangs) {
  asio::io_context io(1);
  tcp::acceptor silent(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0));  // connects, never greets
  const auto subject = make_mysql_check(at_port(silent.local_endpoint().port()));
  const auto begun = std::chrono::steady_clock::now();
  const auto first = test::run_task(io, probed_until(*subject, begun + 50ms));
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().code(), errc::timed_out);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 700ms);
  EXPECT_TRUE(subject->hangs());
  const auto second = test::run_task(io, probed(*subject));
  ASSERT_TRUE(second);
  EXPECT_EQ(second->why(), failure_class::timed_out);
  EXPECT_NE(second->reason().find("previous probe still hangs"), std::string::npos);
}

}  // namespace
}  // namespace mooring::sidecar
