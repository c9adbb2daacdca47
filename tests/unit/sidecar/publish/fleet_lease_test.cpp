// Two nodes and one lease in a real table.
#include "sidecar/publish/fleet_lease.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>

#include "tests/support/dynamo_backend.hpp"

namespace mooring::sidecar {
namespace {

using namespace std::chrono_literals;
using turn = fleet_lease::turn;

struct fleet_lease_test : ::testing::Test {
  fleet_lease_test() { time.set_wall(1'800'000'000); }
  template <class T>
  T run(task<T> work) {
    return test::run_task(io, std::move(work));
  }
  result<turn> take(fleet_lease& lease, const std::string& to = "eu-west-1") {
    return run(lease.take(table.client(), to, [] { return false; }));
  }
  fleet_lease node(const std::string& name) { return {table.name(), name, time, logger::to_string(lines)}; }

  asio::io_context io{1};
  test::fake_clock time;
  test::dynamo_table table{io, time};
  std::string lines;
  fleet_lease a = node("a");
  fleet_lease b = node("b");
};

TEST_F(fleet_lease_test, one_node_works_and_the_other_hears_that_it_is_done) {
  ASSERT_EQ(take(a).value(), turn::ours);
  ASSERT_TRUE(run(a.release(table.client(), "eu-west-1", true)));
  EXPECT_EQ(take(b).value(), turn::done_by_another);
  EXPECT_EQ(take(b, "us-east-1").value(), turn::ours) << "the way back is another move";
}

TEST_F(fleet_lease_test, a_later_move_to_the_same_region_is_done_again) {
  ASSERT_EQ(take(a).value(), turn::ours);
  ASSERT_TRUE(run(a.release(table.client(), "eu-west-1", true)));
  time.set_wall(1'800'000'000 + same_move.count());
  EXPECT_EQ(take(b).value(), turn::ours);
}

TEST_F(fleet_lease_test, who_failed_leaves_the_work_to_the_next) {
  ASSERT_EQ(take(a).value(), turn::ours);
  ASSERT_TRUE(run(a.release(table.client(), "eu-west-1", false)));
  EXPECT_EQ(take(b).value(), turn::ours);
}

TEST_F(fleet_lease_test, a_dead_holder_is_waited_for_no_longer_than_its_lease) {
  ASSERT_EQ(take(a).value(), turn::ours);
  std::optional<result<turn>> answer;
  const auto keep = [&answer](std::exception_ptr, result<turn> value) { answer = std::move(value); };
  asio::co_spawn(io, b.take(table.client(), "eu-west-1", [] { return false; }), keep);
  io.restart();
  io.run_for(300ms);
  EXPECT_FALSE(answer) << "the lease is held";
  time.advance(fleet_lease_time);
  io.restart();
  io.run_for(2s);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->value(), turn::ours);
  EXPECT_EQ(run(a.renew(table.client())).error().code(), errc::stale);
  EXPECT_EQ(run(a.release(table.client(), "eu-west-1", true)).error().code(), errc::stale);
}

TEST_F(fleet_lease_test, a_holder_that_renews_keeps_it) {
  ASSERT_EQ(take(a).value(), turn::ours);
  bool enough = false;
  std::optional<result<turn>> answer;
  const auto keep = [&answer](std::exception_ptr, result<turn> value) { answer = std::move(value); };
  asio::co_spawn(io, b.take(table.client(), "eu-west-1", [&enough] { return enough; }), keep);
  for (int i = 0; i < 3; ++i) {
    io.restart();
    io.run_for(1100ms);
    ASSERT_FALSE(answer);
    ASSERT_TRUE(run(a.renew(table.client())));
    time.advance(fleet_lease_time - 1s);
  }
  enough = true;
  io.restart();
  io.run_for(1500ms);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->error().code(), errc::cancelled) << "a newer move ends the wait";
}

TEST_F(fleet_lease_test, a_holder_knows_by_its_own_clock_when_others_may_have_it) {
  EXPECT_FALSE(a.holds());
  ASSERT_EQ(take(a).value(), turn::ours);
  EXPECT_TRUE(a.holds());
  time.advance(fleet_lease_time - 5s);
  EXPECT_TRUE(a.holds());
  ASSERT_TRUE(run(a.renew(table.client())));
  time.advance(fleet_lease_time - 5s);
  EXPECT_TRUE(a.holds()) << "renewed";
  time.advance(2s);
  EXPECT_FALSE(a.holds()) << "there has to be time to end a hook";
  time.advance(3s);
  EXPECT_FALSE(a.holds()) << "nobody was asked, and none is needed";
  ASSERT_TRUE(run(a.renew(table.client())));
  EXPECT_TRUE(a.holds()) << "nobody had taken it";
  ASSERT_TRUE(run(a.release(table.client(), "eu-west-1", false)));
  EXPECT_FALSE(a.holds());
}

TEST_F(fleet_lease_test, an_answer_that_is_lost_makes_no_difference) {
  for (const errc lost_as : {errc::region_unavailable, errc::timed_out}) {
    ASSERT_EQ(take(a).value(), turn::ours);
    table.http().lost_as = lost_as;
    table.http().lost_answers = 1;
    ASSERT_TRUE(run(a.renew(table.client())));
    EXPECT_TRUE(a.holds());
    table.http().lost_answers = 1;
    ASSERT_TRUE(run(a.release(table.client(), "eu-west-1", false)));
  }
  ASSERT_EQ(take(a).value(), turn::ours);
  table.http().lost_answers = 1;
  ASSERT_TRUE(run(a.release(table.client(), "eu-west-1", true)));
  EXPECT_EQ(take(b).value(), turn::done_by_another);
}

TEST_F(fleet_lease_test, a_claim_whose_answer_is_lost_is_repeated) {
  table.http().skipped = 1;
  table.http().between = [this]() -> task<void> {
    table.http().lost_answers = 1;
    co_return;
  };
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(take(a).value(), turn::ours);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 900ms) << "at once";
}

TEST_F(fleet_lease_test, a_claim_that_was_given_up_and_is_in_the_table_is_ours) {
  table.http().lost_as = errc::bad_data;  // which is not tried again
  table.http().skipped = 1;
  table.http().between = [this]() -> task<void> {
    table.http().lost_answers = 1;
    co_return;
  };
  ASSERT_FALSE(take(a));
  EXPECT_FALSE(a.holds());
  EXPECT_EQ(take(a).value(), turn::ours);
  EXPECT_TRUE(a.holds());
  ASSERT_TRUE(run(a.release(table.client(), "eu-west-1", true)));
}

TEST_F(fleet_lease_test, renewals_that_were_given_up_do_not_lose_the_lease) {
  ASSERT_EQ(take(a).value(), turn::ours);
  table.http().lost_as = errc::bad_data;
  for (int i = 0; i < 3; ++i) {
    table.http().lost_answers = 1;
    ASSERT_FALSE(run(a.renew(table.client())));
  }
  ASSERT_TRUE(run(a.renew(table.client())));
  for (std::size_t i = 0; i < 2 * max_unsure_versions; ++i) {
    table.http().lost_answers = 1;
    ASSERT_FALSE(run(a.renew(table.client()))) << "more of them than are remembered";
  }
  ASSERT_TRUE(run(a.release(table.client(), "eu-west-1", true)));
  EXPECT_EQ(take(b).value(), turn::done_by_another);
}

TEST_F(fleet_lease_test, a_claim_that_is_late_does_not_repeat_what_was_done_meanwhile) {
  bool done = false;
  // Between what b sees, and its claim.
  table.http().skipped = 1;
  table.http().between = [&]() -> task<void> {
    const std::function<bool()> never = [] { return false; };
    const std::string to = "eu-west-1";
    const auto taken = co_await a.take(table.client(), to, never);
    const auto released = co_await a.release(table.client(), to, true);
    done = taken && released;
  };
  EXPECT_EQ(take(b).value(), turn::done_by_another);
  EXPECT_TRUE(done);
}

}  // namespace
}  // namespace mooring::sidecar
