// journal_store while the table is away, other nodes come first, or the journal is full.
#include "tests/support/journal_fixture.hpp"

namespace mooring::sessiond {
namespace {

using namespace std::chrono_literals;

TEST_F(journal_outage_test, commits_go_on_while_the_table_is_away_and_land_afterwards) {
  start();
  hold();
  cut_off();
  for (session_version version = 11; version <= 20; ++version) {
    ASSERT_TRUE(save("cart " + std::to_string(version), version - 1, version));
    time.advance(2s);
    ASSERT_EQ(acquire().value().session.version, version);
  }
  EXPECT_EQ(in_table(), "stored");
  EXPECT_EQ(loaded(), "cart 20");
  ASSERT_TRUE(run(store().release("k", budget())));
  reconnect();
  settle();
  EXPECT_EQ(in_table(), "cart 20");
  EXPECT_FALSE(table().holds("k"));
  EXPECT_EQ(conflicts(), "0");
}

TEST_F(journal_outage_test, a_table_that_hangs_only_makes_opening_slower) {
  start();
  hold();
  table().hangs = true;
  ASSERT_TRUE(save("cart", 10, 11));
  turn_over();
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(acquire().value().session.data, "cart");
  ASSERT_TRUE(save("bigger", 11, 12));
  EXPECT_LT(std::chrono::steady_clock::now() - begun, flush_time + 1500ms);
  table().hangs = false;
  settle();
  EXPECT_EQ(in_table(), "bigger");
}

TEST_F(journal_outage_test, one_flush_at_a_time_knocks_while_the_table_is_away) {
  start(false);
  for (int i = 0; i < 40; ++i) {
    const std::string key = "k" + std::to_string(i);
    hold(key);
    ASSERT_TRUE(save("cart", 10, 11, lease_after::release, key));
  }
  cut_off();
  table().saves = 0;
  spawn(io.get_executor(), log, "flush", store().flush());
  turn_over(300ms);
  EXPECT_LE(table().saves, static_cast<int>(max_flushes) + 20);
  table().most_saves_under_way = 0;
  turn_over(300ms);
  EXPECT_LE(table().most_saves_under_way, 1);
  reconnect();
  settle();
  EXPECT_EQ(store().pending(), 0U);
}

TEST_F(journal_outage_test, a_new_session_is_kept_when_the_table_cannot_be_reached) {
  start();
  cut_off();
  ASSERT_TRUE(save("first", no_version, 11));
  EXPECT_EQ(acquire().value().session.data, "first");
  EXPECT_TRUE(run(store().exists("k", budget())).value());
  restart(false);
  EXPECT_EQ(acquire().value().session.data, "first");
  spawn(io.get_executor(), log, "flush", store().flush());
  settle();
  EXPECT_EQ(in_table(), "first");
}

TEST_F(journal_outage_test, a_new_session_that_the_table_has_by_now_is_not_overwritten) {
  start();
  cut_off();
  ASSERT_TRUE(save("ours", no_version, 11));
  put_into_table("k", "theirs", 12);
  reconnect();
  settle();
  EXPECT_EQ(in_table(), "theirs");
  EXPECT_EQ(conflicts(), "1");
}

TEST_F(journal_outage_test, an_answer_of_the_table_counts_even_if_it_is_no) {
  start();
  table().fails = errc::misconfigured;
  EXPECT_EQ(save("first", no_version, 11).error().code(), errc::misconfigured);
  EXPECT_EQ(store().pending(), 0U);
}

TEST_F(journal_outage_test, an_existing_session_without_a_lease_is_not_the_journals) {
  start();
  put_into_table("k", "stored", 10);
  cut_off();
  EXPECT_EQ(save("cart", 10, 11).error().code(), errc::region_unavailable);
  EXPECT_EQ(store().pending(), 0U);
}

TEST_F(journal_outage_test, when_the_lease_may_be_over_the_table_is_asked_first) {
  pending_unsure();
  reconnect();
  const auto opened = acquire().value();
  EXPECT_EQ(opened.answer, lease_answer::taken);
  EXPECT_EQ(opened.session.data, "cart");
  settle();
  EXPECT_EQ(in_table(), "cart");
}

TEST_F(journal_outage_test, when_the_table_is_away_too_the_pending_state_is_served_and_committed_on) {
  pending_unsure();
  EXPECT_EQ(acquire().value().session.data, "cart");
  ASSERT_TRUE(save("bigger", 11, 12));
  EXPECT_EQ(loaded(), "bigger");
  reconnect();
  settle();
  EXPECT_EQ(in_table(), "bigger");
}

TEST_F(journal_outage_test, a_row_that_the_table_refuses_for_good_does_not_stop_the_others) {
  start();
  hold("bad");
  table().refused_key = "bad";
  table().refuses_saves = errc::bad_data;
  ASSERT_TRUE(save("cart", 10, 11, lease_after::release, "bad"));
  for (int i = 0; i < 50; ++i) {
    const std::string key = "k" + std::to_string(i);
    hold(key);
    ASSERT_TRUE(save("cart", 10, 11, lease_after::release, key));
  }
  const auto until = std::chrono::steady_clock::now() + 3s;
  while (store().pending() > 1 && std::chrono::steady_clock::now() < until)
    turn_over(5ms);
  EXPECT_EQ(store().pending(), 1U);
  EXPECT_EQ(loaded("bad"), "cart");
  const int tries = table().saves;
  turn_over(100ms);
  EXPECT_EQ(table().saves, tries);
}

TEST_F(journal_outage_test, a_removal_needs_the_table) {
  pending_unsure();
  EXPECT_EQ(run(store().remove("k", 11, budget())).error().code(), errc::region_unavailable);
  EXPECT_EQ(loaded(), "cart");
}

TEST_F(journal_outage_test, the_last_byte_that_fits_is_kept_and_the_next_one_goes_to_the_table) {
  journal_row row;
  row.key = "k";
  config.journal_max_bytes = static_cast<std::int64_t>(row.bytes()) + 100;
  start(false);
  hold();
  ASSERT_TRUE(save(std::string(100, 'x'), 10, 11, lease_after::keep));
  EXPECT_EQ(in_table(), "stored");
  EXPECT_EQ(metric("mooring_journal_bytes"), std::to_string(config.journal_max_bytes));
  ASSERT_TRUE(save(std::string(101, 'x'), 11, 12));
  EXPECT_EQ(in_table(), std::string(101, 'x'));
  EXPECT_EQ(store().pending(), 0U);
  EXPECT_EQ(metric("mooring_journal_write_through_total{reason=\"full\"}"), "1");
  EXPECT_NE(lines.find("event=journal.write_through"), std::string::npos);
}

TEST_F(journal_outage_test, a_full_journal_and_no_table_is_an_error_and_loses_nothing) {
  journal_row row;
  row.key = "k";
  config.journal_max_bytes = static_cast<std::int64_t>(row.bytes()) + 100;
  start(false);
  hold();
  ASSERT_TRUE(save("cart", 10, 11, lease_after::keep));
  table().loses_answers = errc::timed_out;
  EXPECT_EQ(save(std::string(101, 'x'), 11, 12).error().code(), errc::timed_out);
  table().loses_answers.reset();
  // It was stored, although nobody knows; the pending commit before it must not overwrite it.
  spawn(io.get_executor(), log, "flush", store().flush());
  settle();
  EXPECT_EQ(in_table(), std::string(101, 'x'));
  EXPECT_EQ(conflicts(), "0");
}

TEST_F(journal_outage_test, a_drain_that_runs_out_of_time_says_what_it_leaves) {
  pending_unsure();
  run([](journal_store& store, steady_time until) -> task<bool> {
    co_await store.drain(until);
    co_return true;
  }(store(), time.steady() + 100ms));
  EXPECT_NE(lines.find("event=journal.left pending=1"), std::string::npos) << lines;
  restart();
  settle();
  EXPECT_EQ(in_table(), "cart");
}

}  // namespace
}  // namespace mooring::sessiond
