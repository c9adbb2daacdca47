#include "mooring/credentials/refreshing_provider.hpp"

#include <gtest/gtest.h>

#include "tests/support/fake_clock.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/scripted_source.hpp"

namespace mooring {
namespace {

using namespace std::chrono_literals;

task<bool> one_round(refreshing_provider& subject) {
  co_await subject.refresh_if_due();
  co_return true;
}

class provider : public testing::Test {
 protected:
  wall_time in(seconds time) const { return clock_.wall() + time; }
  result<void> first() { return test::run_task(io, subject.first_fetch(clock_.steady() + 3s)); }
  void round_after(seconds time) {
    clock_.advance(time);
    test::run_task(io, one_round(subject));
  }
  std::string key() {
    const auto found = subject.current();
    return found ? found->access_key_id : std::string(name_of(found.error().code())) + " " + found.error().detail();
  }

  asio::io_context io{1};
  test::fake_clock clock_;
  std::string log_text;
  std::unique_ptr<test::scripted_source> made = std::make_unique<test::scripted_source>();
  test::scripted_source& source = *made;
  refreshing_provider subject{io.get_executor(), std::move(made), clock_, logger::to_string(log_text),
                              [] { return 0.5; }};
};

TEST_F(provider, holds_the_first_credentials_until_15_minutes_before_their_end) {
  source.give("ONE", in(1h));
  ASSERT_TRUE(first());
  EXPECT_EQ(key(), "ONE");
  round_after(44min);
  EXPECT_EQ(source.fetches, 1);
  source.give("TWO", in(2h));
  round_after(1min);
  EXPECT_EQ(source.fetches, 2);
  EXPECT_EQ(key(), "TWO");
  EXPECT_EQ(log_text.find("secret"), std::string::npos);
}

TEST_F(provider, a_failed_renewal_takes_nothing_away_before_the_end) {
  source.give("ONE", in(1h));
  ASSERT_TRUE(first());
  for (int minute = 45; minute < 60; ++minute) {
    clock_.advance(minute == 45 ? seconds(45min) : seconds(1min));
    round_after(0s);
    EXPECT_EQ(key(), "ONE") << minute;
  }
  EXPECT_GT(source.fetches, 10);
  EXPECT_NE(log_text.find("event=credentials.not_renewed"), std::string::npos);
  EXPECT_NE(log_text.find("event=credentials.failed usable=true"), std::string::npos);
  round_after(1min);
  EXPECT_EQ(key().rfind("misconfigured the AWS credentials from script expired at 2027-01-15T09:00:00Z", 0), 0u);
  source.give("TWO", in(1h));
  round_after(15s);
  EXPECT_EQ(key(), "TWO");
}

TEST_F(provider, every_failure_is_one_of_configuration_for_those_who_use_it) {
  source.fail(errc::region_unavailable);
  ASSERT_TRUE(first());
  EXPECT_EQ(key(), "misconfigured scripted");
}

TEST_F(provider, the_first_failure_ends_the_start_only_when_it_cannot_pass) {
  for (const errc passing : {errc::timed_out, errc::region_unavailable, errc::no_network, errc::throttled, errc::io}) {
    source.fail(passing);
    EXPECT_TRUE(first()) << name_of(passing);
  }
  for (const errc lasting : {errc::misconfigured, errc::bad_data, errc::unsupported, errc::too_large}) {
    source.fail(lasting);
    const auto refused = first();
    ASSERT_FALSE(refused) << name_of(lasting);
    EXPECT_EQ(refused.error().code(), errc::misconfigured);
  }
}

TEST_F(provider, the_first_fetch_is_silent_and_told_by_the_first_round) {
  source.fail(errc::misconfigured);
  EXPECT_FALSE(first());
  source.fail(errc::timed_out);
  ASSERT_TRUE(first());
  EXPECT_EQ(log_text, "");
  round_after(0s);
  EXPECT_NE(log_text.find("event=credentials.not_yet reason=scripted"), std::string::npos);
  source.give("ONE", in(1h));
  ASSERT_TRUE(first());
  EXPECT_EQ(log_text.find("event=credentials.obtained"), std::string::npos);
  round_after(0s);
  EXPECT_NE(log_text.find("event=credentials.obtained source=script expires="), std::string::npos);
}

TEST_F(provider, credentials_that_are_expired_on_arrival_are_no_credentials) {
  source.give("OLD", in(-1s));
  ASSERT_TRUE(first());
  EXPECT_NE(key().find("check this node's clock"), std::string::npos);
  source.give("NEW", in(1h));
  round_after(1s);
  EXPECT_EQ(key(), "NEW");
}

TEST_F(provider, an_ill_metadata_service_does_not_end_what_worked) {
  source.give("ONE", in(1h)).outlive_expiry = true;
  ASSERT_TRUE(first());
  source.give("ONE", in(1h)).outlive_expiry = true;
  round_after(46min);
  EXPECT_EQ(source.fetches, 2);
  EXPECT_NE(log_text.find("event=credentials.kept_past_expiry"), std::string::npos);
  round_after(5min);
  EXPECT_EQ(source.fetches, 2) << "the next try comes 6 minutes later";
  source.fail(errc::timed_out);
  round_after(1h);
  EXPECT_EQ(source.fetches, 3);
  EXPECT_EQ(key(), "ONE") << "an hour after its expiry";
  source.give("TWO", in(6h)).outlive_expiry = true;
  round_after(3min);
  EXPECT_EQ(key(), "TWO");
}

TEST_F(provider, keys_without_expiry_are_fetched_again_only_when_their_file_changes) {
  source.give("ONE", std::nullopt);
  ASSERT_TRUE(first());
  round_after(24h * 30);
  EXPECT_EQ(source.fetches, 1);
  source.files_changed = true;
  source.fail(errc::misconfigured);  // half written
  round_after(5s);
  EXPECT_EQ(key(), "ONE");
  source.give("TWO", std::nullopt);
  round_after(5s);
  EXPECT_EQ(key(), "TWO");
}

TEST_F(provider, run_ends_with_stop_while_it_sleeps) {
  source.give("ONE", in(1h));
  spawn(io.get_executor(), logger::to_string(log_text), "credentials", subject.run());
  io.run_for(20ms);
  EXPECT_EQ(key(), "ONE");
  subject.stop();
  io.run();
}

TEST_F(provider, run_ends_with_stop_while_a_source_hangs) {
  source.hang();
  spawn(io.get_executor(), logger::to_string(log_text), "credentials", subject.run());
  io.run_for(20ms);
  EXPECT_EQ(source.fetches, 1);
  subject.stop();
  const auto begun = std::chrono::steady_clock::now();
  io.run();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 5s);
}

// The time is the real one. Each key is to be renewed a second or more before it ends, so a busy machine has time
// enough.
TEST_F(provider, run_renews_short_lived_credentials_by_itself) {
  for (int i = 0; i < 10; ++i)
    source.give("KEY" + std::to_string(i), std::chrono::system_clock::now() + 2s * (i + 1));
  system_clock real;
  auto moved = std::make_unique<test::scripted_source>();
  moved->script = source.script;
  test::scripted_source& used = *moved;
  refreshing_provider live(io.get_executor(), std::move(moved), real, logger::to_string(log_text), [] { return 0.5; });
  spawn(io.get_executor(), logger::to_string(log_text), "credentials", live.run());
  for (int i = 0; i < 1000 && used.fetches <= 2; ++i) {
    io.run_for(10ms);
    if (used.fetches > 0) {
      EXPECT_TRUE(live.current()) << i;
    }
  }
  EXPECT_GT(used.fetches, 2);
  live.stop();
  io.run();
}

}  // namespace
}  // namespace mooring
