#include "mooring/net/name_lookup.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>

#include "tests/support/run_task.hpp"

namespace mooring {
namespace {

using namespace std::chrono_literals;

struct name_lookup_test : ::testing::Test {
  result<addresses> find(const std::string& host, bool fresh = false) {
    return test::run_task(io, names.find(host, fresh, steady_time::clock::now() + 5s));
  }
  asio::io_context io{1};
  name_lookup names{io.get_executor()};
};

TEST_F(name_lookup_test, literal_addresses_need_no_lookup) {
  EXPECT_EQ(find("127.0.0.1").value(), addresses{"127.0.0.1"});
  EXPECT_EQ(find("fd00:ec2::254").value(), addresses{"fd00:ec2::254"});
  EXPECT_FALSE(names.hangs());
}

TEST_F(name_lookup_test, finds_a_name_and_keeps_the_answer) {
  const auto first = find("localhost");
  ASSERT_TRUE(first);
  EXPECT_FALSE(first->empty());
  const auto past = steady_time::clock::now() - 1s;
  EXPECT_EQ(test::run_task(io, names.find("localhost", false, past)).value(), *first);
}

TEST_F(name_lookup_test, a_fresh_answer_is_waited_for) {
  ASSERT_TRUE(find("localhost"));
  EXPECT_TRUE(find("localhost", true));
  EXPECT_FALSE(find("no-such-host.invalid", true));
}

TEST_F(name_lookup_test, a_name_that_does_not_exist_is_regional) {
  const auto found = find("no-such-host.invalid");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code(), errc::region_unavailable);
}

TEST_F(name_lookup_test, many_who_ask_at_once_get_one_answer) {
  int answered = 0;
  for (int i = 0; i < 200; ++i)
    asio::co_spawn(io, names.find("localhost", false, steady_time::clock::now() + 5s),
                   [&answered](std::exception_ptr failure, const result<addresses>& found) {
                     answered += !failure && found ? 1 : 0;
                   });
  io.restart();
  io.run();
  EXPECT_EQ(answered, 200);
}

}  // namespace
}  // namespace mooring
