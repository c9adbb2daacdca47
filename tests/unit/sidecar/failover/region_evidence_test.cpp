#include "sidecar/failover/region_evidence.hpp"

#include <gtest/gtest.h>

#include "tests/support/region_probes.hpp"

namespace mooring::sidecar {
namespace {

using namespace std::chrono_literals;

// fall 3, min_fail_time 5 s, window 20, rise 5
class region_evidence_test : public ::testing::Test {
 protected:
  region_evidence_test() { probes_.ok(true).ok(); }

  region_health health() const { return probes_.evidence.health(); }

  test::region_probes probes_{region_settings()};
};

TEST_F(region_evidence_test, the_first_answer_decides_at_once) {
  test::region_probes nothing{region_settings()};
  EXPECT_EQ(nothing.evidence.health(), region_health::unknown);
  EXPECT_TRUE(nothing.evidence.in_doubt());
  EXPECT_EQ(test::region_probes(region_settings()).ok().evidence.health(), region_health::up);
  EXPECT_EQ(test::region_probes(region_settings()).fail().evidence.health(), region_health::suspect);
  EXPECT_EQ(test::region_probes(region_settings()).see(failure_class::configuration).evidence.health(),
            region_health::refusing);
}

TEST_F(region_evidence_test, one_failure_is_never_down_however_long_it_took) {
  probes_.see(failure_class::down, false, 60s);
  EXPECT_EQ(health(), region_health::suspect);
}

TEST_F(region_evidence_test, fall_failures_have_to_span_min_fail_time_from_the_start_of_the_first) {
  probes_.see(failure_class::down, false, 2s).wait(1s).fail().wait(1999ms).fail();
  EXPECT_EQ(health(), region_health::suspect) << "4999 ms";
  EXPECT_EQ(probes_.wait(1ms).fail().evidence.health(), region_health::down);
}

TEST_F(region_evidence_test, as_many_failures_as_fall_says_even_over_a_long_time) {
  probes_.fail().wait(10s).fail();
  EXPECT_EQ(health(), region_health::suspect);
  EXPECT_EQ(probes_.wait(1ms).fail().evidence.health(), region_health::down);
}

TEST_F(region_evidence_test, an_answer_of_any_kind_begins_the_series_anew) {
  for (const auto answer :
       {failure_class::none, failure_class::overload, failure_class::configuration, failure_class::clock}) {
    probes_.every_second(5, failure_class::down).wait(100ms).see(answer).every_second(5, failure_class::down);
    EXPECT_EQ(health(), region_health::suspect) << name_of(answer);
    probes_.ok(true).every_second(5, failure_class::none);
    ASSERT_EQ(health(), region_health::up);
  }
}

TEST_F(region_evidence_test, no_route_neither_counts_nor_ends_a_series) {
  probes_.every_second(5, failure_class::down).see(failure_class::no_network);
  EXPECT_TRUE(probes_.evidence.no_route());
  EXPECT_EQ(health(), region_health::suspect);
  EXPECT_EQ(probes_.wait(1s).fail().evidence.health(), region_health::down);
}

TEST_F(region_evidence_test, fresh_connections_alone_take_it_down) {
  for (int i = 0; i < 5; ++i)
    probes_.wait(1s).fail(true).wait(100ms).ok();
  EXPECT_EQ(health(), region_health::suspect) << "4.4 s";
  EXPECT_EQ(probes_.wait(1s).fail(true).evidence.health(), region_health::down);
  EXPECT_EQ(probes_.evidence.grounds(), "6 failures in a row over 5.5s on fresh connections, the last: down trouble");
  EXPECT_TRUE(probes_.ok().evidence.failing()) << "a kept connection proves nothing about new ones";
}

TEST_F(region_evidence_test, kept_connections_that_break_do_not_while_new_ones_work) {
  for (int i = 0; i < 9; ++i)
    probes_.wait(1s).fail().wait(100ms).ok(true);
  EXPECT_EQ(health(), region_health::suspect) << "9 of 20";
}

TEST_F(region_evidence_test, half_of_a_full_window_takes_it_down) {
  test::region_probes young{region_settings()};
  for (int i = 0; i < 9; ++i)
    young.wait(1s).fail().ok(true);
  EXPECT_EQ(young.wait(1s).fail().evidence.health(), region_health::suspect) << "10 of 19";
  EXPECT_EQ(young.ok(true).wait(1s).fail().evidence.health(), region_health::down) << "11 of the last 20";
  EXPECT_EQ(young.evidence.grounds(), "10 of the last 20 probes failed, the last: down trouble");
}

TEST_F(region_evidence_test, half_of_a_window_within_an_instant_is_one_event) {
  for (int i = 0; i < 30; ++i)
    probes_.wait(240ms).fail().ok(true);
  EXPECT_EQ(health(), region_health::suspect) << "10 failures over less than 5 s";
}

TEST_F(region_evidence_test, rises_after_rise_successes_in_a_row) {
  probes_.every_second(6, failure_class::down);
  ASSERT_EQ(health(), region_health::down);
  probes_.ok(true).ok().ok().ok();
  EXPECT_EQ(health(), region_health::down);
  EXPECT_TRUE(probes_.evidence.in_doubt());
  EXPECT_EQ(probes_.ok().evidence.health(), region_health::up);
  EXPECT_FALSE(probes_.evidence.in_doubt());
}

TEST_F(region_evidence_test, any_failure_on_the_way_up_starts_the_count_anew) {
  probes_.every_second(6, failure_class::down);
  for (const auto bad : {failure_class::down, failure_class::overload, failure_class::no_network})
    probes_.ok(true).ok().ok().ok().see(bad);
  EXPECT_EQ(health(), region_health::down);
  EXPECT_FALSE(probes_.evidence.well_since().has_value());
}

TEST_F(region_evidence_test, does_not_rise_by_kept_connections_while_new_ones_failed_last) {
  probes_.fail(true).every_second(20, failure_class::none);
  EXPECT_EQ(health(), region_health::suspect);
  EXPECT_TRUE(probes_.evidence.fresh_in_doubt());
  EXPECT_EQ(probes_.ok(true).evidence.health(), region_health::up);
}

TEST_F(region_evidence_test, what_was_overcome_does_not_weigh_on_the_next_failure) {
  for (int i = 0; i < 9; ++i)
    probes_.wait(1s).fail().wait(100ms).ok(true);
  probes_.every_second(5, failure_class::none);
  ASSERT_EQ(health(), region_health::up);
  EXPECT_EQ(probes_.fail().evidence.health(), region_health::suspect);
}

TEST_F(region_evidence_test, is_well_since_the_success_that_was_the_last_of_rise) {
  probes_.every_second(2, failure_class::none);
  EXPECT_FALSE(probes_.evidence.well_since().has_value()) << "four successes";
  const steady_time fifth = probes_.wait(1s).ok().now;
  EXPECT_EQ(probes_.every_second(9, failure_class::none).evidence.well_since(), fifth);
  EXPECT_FALSE(probes_.see(failure_class::clock).evidence.well_since().has_value());
}

TEST_F(region_evidence_test, takes_over_with_two_successes_and_a_fresh_one_among_its_probes) {
  test::region_probes target{region_settings()};
  EXPECT_FALSE(target.ok().ok().ok().evidence.fit_to_take_over()) << "nothing is known of new connections";
  EXPECT_TRUE(target.ok(true).evidence.fit_to_take_over());
  EXPECT_FALSE(target.see(failure_class::no_network).evidence.fit_to_take_over());
  EXPECT_FALSE(target.ok().evidence.fit_to_take_over()) << "one success";
  EXPECT_TRUE(target.ok().evidence.fit_to_take_over());
  EXPECT_FALSE(target.see(failure_class::overload).ok().ok().evidence.fit_to_take_over()) << "refusing until `rise`";
  EXPECT_FALSE(probes_.fail(true).every_second(9, failure_class::none).evidence.fit_to_take_over());
}

TEST_F(region_evidence_test, knows_whether_it_answered_a_probe_begun_since) {
  probes_.wait(10s).see(failure_class::none, false, 3s);
  EXPECT_TRUE(probes_.evidence.answered_since(probes_.now - 3s));
  EXPECT_FALSE(probes_.evidence.answered_since(probes_.now - 3s + 1ms));
}

TEST_F(region_evidence_test, a_suspect_region_refuses_rise_times_before_it_counts_as_refusing) {
  probes_.fail().every_second(4, failure_class::overload);
  EXPECT_EQ(health(), region_health::suspect);
  EXPECT_EQ(probes_.see(failure_class::overload).evidence.health(), region_health::refusing);
  probes_.fail().every_second(4, failure_class::overload).fail().every_second(4, failure_class::overload);
  EXPECT_EQ(health(), region_health::suspect);
}

TEST_F(region_evidence_test, a_region_that_is_down_does_not_become_refusing) {
  probes_.every_second(6, failure_class::down).every_second(10, failure_class::overload);
  EXPECT_EQ(health(), region_health::down);
  EXPECT_FALSE(probes_.evidence.in_doubt()) << "nothing has contradicted it";
}

TEST_F(region_evidence_test, forgets_everything_begun_before) {
  probes_.every_second(6, failure_class::down).wait(1s);
  probes_.evidence.forget(probes_.now);
  EXPECT_EQ(health(), region_health::unknown);
  EXPECT_FALSE(probes_.evidence.failing());
  probes_.wait(2s).see(failure_class::down, true, 2001ms);
  EXPECT_EQ(health(), region_health::unknown) << "begun before";
  probes_.see(failure_class::down, false, 2s);
  EXPECT_EQ(health(), region_health::suspect) << "begun just then";
  EXPECT_EQ(probes_.evidence.grounds(), "1 failure: down trouble");
}

TEST(failure_classes, only_what_speaks_about_the_region_is_its_fault) {
  for (const auto code : {errc::timed_out, errc::region_unavailable, errc::throttled, errc::misconfigured,
                          errc::clock_skew, errc::no_network, errc::stale, errc::busy, errc::too_large, errc::bad_data,
                          errc::invalid_argument, errc::io, errc::unsupported})
    EXPECT_EQ(is_region_fault(failure_class_of(code)), meaning_of(code).region_fault) << name_of(code);
  EXPECT_EQ(failure_class_of(errc::misconfigured), failure_class::configuration);
  EXPECT_EQ(failure_class_of(errc::throttled), failure_class::overload);
  EXPECT_EQ(failure_class_of(errc::clock_skew), failure_class::clock);
  EXPECT_EQ(failure_class_of(errc::no_network), failure_class::no_network);
  for (const auto code :
       {errc::bad_data, errc::io, errc::stale, errc::too_large, errc::invalid_argument, errc::busy, errc::unsupported})
    EXPECT_EQ(failure_class_of(code), failure_class::bad_answer) << name_of(code);
}

TEST_F(region_evidence_test, an_answer_that_does_not_come_in_time_counts_as_one_that_cannot) {
  probes_.every_second(6, failure_class::timed_out);
  EXPECT_EQ(health(), region_health::down);
}

}  // namespace
}  // namespace mooring::sidecar
