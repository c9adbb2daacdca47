// The journal when other nodes have the session, or had it meanwhile.
#include "tests/support/journal_fixture.hpp"

namespace mooring::sessiond {
namespace {

using namespace std::chrono_literals;

TEST_F(journal_outage_test, another_node_that_has_the_session_open_is_waited_for) {
  pending_unsure();
  time.advance(10s);
  ASSERT_EQ(run(other.acquire("k", budget())).value().answer, lease_answer::taken);
  reconnect();
  EXPECT_EQ(acquire().value().answer, lease_answer::held_elsewhere);
  EXPECT_TRUE(run(store().load("k", budget())).value()->leased_elsewhere);
  turn_over(400ms);
  EXPECT_EQ(store().pending(), 1U);
  EXPECT_EQ(conflicts(), "0");
  ASSERT_TRUE(run(other.release("k", budget())));
  settle();
  EXPECT_EQ(in_table(), "cart");
}

TEST_F(journal_outage_test, a_node_that_was_overtaken_leaves_what_is_stored) {
  pending_unsure();
  time.advance(10s);
  ASSERT_EQ(run(other.acquire("k", budget())).value().answer, lease_answer::taken);
  ASSERT_TRUE(run(other.save("k", write_of("theirs", 10, 99), budget())));
  reconnect();
  EXPECT_EQ(loaded(), "theirs");
  const auto opened = acquire().value();
  EXPECT_EQ(opened.session.data, "theirs");
  EXPECT_EQ(store().pending(), 0U);
  EXPECT_EQ(conflicts(), "1");
  EXPECT_NE(lines.find("journal.conflict key=k base=10 ours=11 stored=99"), std::string::npos) << lines;
  EXPECT_EQ(save("late", 11, 12).error().code(), errc::stale);
  EXPECT_EQ(in_table(), "theirs");
}

TEST_F(journal_outage_test, a_flush_that_was_overtaken_leaves_what_is_stored) {
  pending_unsure();
  put_into_table("k", "theirs", 99);
  reconnect();
  settle();
  EXPECT_EQ(in_table(), "theirs");
  EXPECT_EQ(conflicts(), "1");
}

TEST_F(journal_outage_test, a_session_that_was_removed_elsewhere_stays_removed) {
  pending_unsure();
  items.items.clear();
  reconnect();
  settle();
  EXPECT_EQ(in_table(), "(absent)");
  EXPECT_EQ(conflicts(), "1");
  EXPECT_EQ(acquire().value().answer, lease_answer::absent);
}

TEST_F(journal_outage_test, a_reader_does_not_get_what_was_removed_elsewhere) {
  pending_unsure();
  EXPECT_EQ(loaded(), "cart");
  items.items.clear();
  reconnect();
  EXPECT_EQ(loaded(), "(absent)");
}

TEST_F(journal_outage_test, a_reader_gets_what_only_expired_in_the_table) {
  start(false);
  hold();
  items.items["k"].expires = table_now() + 3;
  ASSERT_TRUE(save("cart", 10, 11));
  time.advance(6s);
  EXPECT_EQ(loaded(), "cart");
  EXPECT_EQ(in_table(), "cart");
}

TEST_F(journal_outage_test, a_session_that_expired_in_the_table_meanwhile_is_not_lost) {
  start();
  hold();
  items.items["k"].expires = table_now() + 3;
  cut_off();
  ASSERT_TRUE(save("cart", 10, 11));
  turn_over();
  time.advance(6s);
  reconnect();
  EXPECT_EQ(acquire().value().session.data, "cart");
  settle();
  EXPECT_EQ(in_table(), "cart");
  EXPECT_EQ(conflicts(), "0");
}

TEST_F(journal_outage_test, a_new_session_whose_creation_was_not_confirmed_goes_on) {
  start();
  hold("other");
  table().loses_answers = errc::timed_out;
  ASSERT_TRUE(save("cart", 10, 11, lease_after::keep, "other"));
  turn_over(100ms);
  store().stop();  // so that only the journal can answer, and nothing of it is flushed
  ASSERT_TRUE(save("first", no_version, 11));
  ASSERT_EQ(in_table(), "first");
  const int before = table().saves;
  ASSERT_TRUE(save("second", 11, 12));
  ASSERT_EQ(table().saves, before);
  restart();
  settle();
  EXPECT_EQ(in_table(), "second");
  EXPECT_EQ(metric("mooring_journal_conflicts_total{found=\"after_start\"}"), "0");
}

// The first try gave the lease back, whatever the repetition was to do with it.
TEST_F(journal_outage_test, a_repeated_write_makes_no_lease_sure) {
  start(false);
  put_into_table("k", "stored", 10);
  table().loses_answers = errc::timed_out;
  ASSERT_FALSE(save("cart", 10, 11, lease_after::release));
  table().loses_answers.reset();
  ASSERT_TRUE(save("cart", 10, 11, lease_after::keep));
  ASSERT_FALSE(table().holds("k"));
  ASSERT_TRUE(save("bigger", 11, 12));
  EXPECT_EQ(in_table(), "bigger");
  EXPECT_EQ(store().pending(), 0U);
}

TEST_F(journal_outage_test, a_lost_answer_is_not_taken_for_somebody_elses_write) {
  start();
  hold();
  table().loses_answers = errc::timed_out;
  ASSERT_TRUE(save("cart", 10, 11, lease_after::keep));
  turn_over();
  ASSERT_EQ(in_table(), "cart");
  ASSERT_TRUE(save("bigger", 11, 12, lease_after::keep));
  turn_over(100ms);
  ASSERT_TRUE(save("biggest", 12, 13));
  // A crash now: only what is on disk tells that the table may be at 11 or 12.
  restart(false);
  EXPECT_EQ(acquire().value().session.data, "biggest");
  spawn(io.get_executor(), log, "flush", store().flush());
  settle();
  EXPECT_EQ(in_table(), "biggest");
  EXPECT_EQ(metric("mooring_journal_conflicts_total{found=\"after_start\"}"), "0");
}

TEST_F(journal_outage_test, a_touch_reaches_data_that_was_stored_without_an_answer) {
  start();
  hold();
  table().loses_answers = errc::timed_out;
  ASSERT_TRUE(save("cart", 10, 11, lease_after::keep));
  turn_over();
  ASSERT_EQ(in_table(), "cart");
  ASSERT_TRUE(run(store().touch("k", touch_of(11, table_now() + 5000), budget())));
  table().loses_answers.reset();
  restart();
  settle();
  EXPECT_EQ(items.items["k"].expires, table_now() + 5000);
}

TEST_F(journal_outage_test, a_lost_answer_of_a_session_that_has_expired_since_is_found_too) {
  start();
  hold();
  session_write brief = write_of("cart", 10, 11, lease_after::keep);
  brief.expires = table_now() + 3;
  table().loses_answers = errc::timed_out;
  ASSERT_TRUE(run(store().save("k", brief, budget())));
  turn_over();
  table().loses_answers.reset();
  cut_off();
  ASSERT_TRUE(save("bigger", 11, 12));
  time.advance(4s);
  reconnect();
  settle();
  EXPECT_EQ(in_table(), "bigger");
  EXPECT_EQ(conflicts(), "0");
}

TEST_F(journal_outage_test, an_earlier_process_that_was_overtaken_gives_way_quietly) {
  start(false);
  hold();
  ASSERT_TRUE(save("cart", 10, 11));
  end();
  put_into_table("k", "theirs", 99);
  start();
  settle();
  EXPECT_EQ(in_table(), "theirs");
  EXPECT_EQ(metric("mooring_journal_conflicts_total{found=\"after_start\"}"), "1");
  EXPECT_NE(lines.find("event=journal.superseded"), std::string::npos);
  EXPECT_EQ(conflicts(), "0");
}

}  // namespace
}  // namespace mooring::sessiond
