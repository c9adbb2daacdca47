// The rules of journal_store.hpp while everything works: who answers, when the lease goes back, what is flushed.
#include "tests/support/journal_fixture.hpp"

namespace mooring::sessiond {
namespace {

using namespace std::chrono_literals;

TEST_F(journal_store_test, a_commit_under_a_sure_lease_is_acknowledged_without_the_table) {
  start(false);
  hold();
  const int before = table().calls;
  ASSERT_TRUE(save("cart", 10, 11));
  EXPECT_EQ(table().calls, before);
  EXPECT_EQ(in_table(), "stored");
  EXPECT_EQ(loaded(), "cart");
  EXPECT_EQ(store().pending(), 1U);
}

TEST_F(journal_store_test, it_is_flushed_behind_and_gives_the_lease_back) {
  start();
  hold();
  ASSERT_TRUE(save("cart", 10, 11));
  settle();
  EXPECT_EQ(in_table(), "cart");
  EXPECT_FALSE(table().holds("k"));
  EXPECT_EQ(table().releases, 0);  // in the same write
  EXPECT_EQ(metric("mooring_journal_flushes_total"), "1");
  EXPECT_EQ(metric("mooring_journal_pending"), "0");
}

TEST_F(journal_store_test, other_nodes_wait_while_a_commit_is_pending) {
  start(false);
  hold();
  ASSERT_TRUE(save("cart", 10, 11));
  EXPECT_EQ(run(other.acquire("k", budget())).value().answer, lease_answer::held_elsewhere);
}

TEST_F(journal_store_test, the_lease_stays_while_a_client_here_waits) {
  start();
  hold();
  ASSERT_TRUE(save("cart", 10, 11, lease_after::keep));
  settle();
  EXPECT_EQ(in_table(), "cart");
  EXPECT_TRUE(table().holds("k"));
  ASSERT_TRUE(save("bigger", 11, 12));
  EXPECT_EQ(in_table(), "cart");  // the lease is still sure, so the journal answered again
  settle();
  EXPECT_EQ(in_table(), "bigger");
  EXPECT_FALSE(table().holds("k"));
}

TEST_F(journal_store_test, who_closes_without_a_commit_gives_back_a_lease_that_the_flush_kept) {
  start();
  hold();
  ASSERT_TRUE(save("cart", 10, 11, lease_after::keep));
  ASSERT_TRUE(run(store().release("k", budget())));
  settle();
  EXPECT_EQ(in_table(), "cart");
  EXPECT_FALSE(table().holds("k"));
}

TEST_F(journal_store_test, opening_while_pending_costs_no_round_trip) {
  start(false);
  hold();
  ASSERT_TRUE(save("cart", 10, 11));
  const int before = table().calls;
  const auto opened = acquire().value();
  EXPECT_EQ(opened.answer, lease_answer::taken);
  EXPECT_EQ(opened.session.data, "cart");
  EXPECT_EQ(opened.session.version, 11);
  EXPECT_EQ(table().calls, before);
}

TEST_F(journal_store_test, an_open_waits_for_a_flush_that_gives_the_lease_back) {
  start();
  hold();
  table().hangs = true;
  ASSERT_TRUE(save("cart", 10, 11));
  turn_over();
  std::optional<lease_answer> answer;
  const auto note = [&answer](std::exception_ptr, const result<leased_session>& opened) {
    answer = opened.value().answer;
  };
  asio::co_spawn(io, store().acquire("k", budget()), note);
  turn_over(100ms);
  EXPECT_FALSE(answer);
  table().hangs = false;
  turn_over(100ms);
  EXPECT_EQ(answer, lease_answer::taken);
  EXPECT_TRUE(table().holds("k"));
}

TEST_F(journal_store_test, clients_own_writes_do_not_keep_the_flusher_waiting) {
  start();
  hold();
  table().hangs = true;
  const auto ignore = [](std::exception_ptr, const result<void>&) {};
  for (std::size_t i = 0; i < max_flushes; ++i)
    asio::co_spawn(io, store().save("new" + std::to_string(i), write_of("cart", no_version, 11), budget()), ignore);
  turn_over();
  const int before = table().saves;
  ASSERT_TRUE(save("cart", 10, 11));
  turn_over();
  EXPECT_EQ(table().saves, before + 1);
  table().hangs = false;
  settle();
  EXPECT_EQ(in_table(), "cart");
}

TEST_F(journal_store_test, commits_of_a_session_are_flushed_as_one) {
  start(false);
  hold();
  for (session_version version = 11; version <= 20; ++version)
    ASSERT_TRUE(save("cart " + std::to_string(version), version - 1, version, lease_after::keep));
  EXPECT_EQ(store().pending(), 1U);
  spawn(io.get_executor(), log, "flush", store().flush());
  settle();
  EXPECT_EQ(items.stored.size(), 1U);
  EXPECT_EQ(in_table(), "cart 20");
}

TEST_F(journal_store_test, sessions_are_flushed_in_order_one_at_a_time_each_and_so_many_at_once) {
  start(false);
  constexpr int count = static_cast<int>(max_flushes) + 20;
  for (int i = 0; i < count; ++i) {
    const std::string key = "k" + std::to_string(i);
    hold(key);
    ASSERT_TRUE(save("cart", 10, 11, lease_after::release, key));
  }
  spawn(io.get_executor(), log, "flush", store().flush());
  settle();
  EXPECT_EQ(table().most_saves_under_way, static_cast<int>(max_flushes));
  ASSERT_EQ(items.stored.size(), static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i)
    EXPECT_EQ(items.stored[static_cast<std::size_t>(i)].first, "k" + std::to_string(i));
}

TEST_F(journal_store_test, a_commit_on_an_older_version_than_the_pending_one_is_stale) {
  start(false);
  hold();
  ASSERT_TRUE(save("cart", 10, 11));
  EXPECT_EQ(save("late", 10, 12).error().code(), errc::stale);
  EXPECT_EQ(save("new", no_version, 13).error().code(), errc::stale);
  EXPECT_EQ(loaded(), "cart");
}

TEST_F(journal_store_test, a_repeated_commit_is_the_same_one) {
  start(false);
  hold();
  ASSERT_TRUE(save("cart", 10, 11));
  EXPECT_TRUE(save("cart", 10, 11));
  EXPECT_EQ(save("other bytes", 10, 11).error().code(), errc::stale);
  spawn(io.get_executor(), log, "flush", store().flush());
  settle();
  EXPECT_TRUE(save("cart", 10, 11));
  EXPECT_EQ(items.stored.size(), 1U);
}

TEST_F(journal_store_test, a_new_session_is_created_in_the_table_before_it_is_acknowledged) {
  start(false);
  ASSERT_TRUE(save("first", no_version, 11));
  EXPECT_EQ(in_table(), "first");
  EXPECT_EQ(store().pending(), 0U);
  EXPECT_EQ(save("again", no_version, 12).error().code(), errc::stale);
  EXPECT_EQ(in_table(), "first");
}

TEST_F(journal_store_test, without_a_sure_lease_the_table_answers) {
  start(false);
  put_into_table("k", "stored", 10);
  ASSERT_TRUE(save("cart", 10, 11));
  EXPECT_EQ(in_table(), "cart");
  EXPECT_EQ(store().pending(), 0U);
  EXPECT_EQ(metric("mooring_journal_write_through_total{reason=\"not_sure\"}"), "1");
}

TEST_F(journal_store_test, a_lease_is_relied_on_for_a_third_of_its_time) {
  start(false);
  hold();
  time.advance(4s);
  ASSERT_TRUE(save("in time", 10, 11, lease_after::keep));
  EXPECT_EQ(store().pending(), 1U);
  hold("late");
  time.advance(5s);
  ASSERT_TRUE(save("late", 10, 11, lease_after::release, "late"));
  EXPECT_EQ(in_table("late"), "late");
}

TEST_F(journal_store_test, a_renewed_lease_is_sure_again) {
  start(false);
  hold();
  time.advance(6s);
  ASSERT_TRUE(run(store().renew("k", budget())));
  time.advance(4s);
  ASSERT_TRUE(save("cart", 10, 11));
  EXPECT_EQ(in_table(), "stored");
}

TEST_F(journal_store_test, a_touch_while_pending_is_kept_and_reaches_the_table) {
  start(false);
  hold();
  ASSERT_TRUE(save("cart", 10, 11, lease_after::keep));
  ASSERT_TRUE(run(store().touch("k", touch_of(11, table_now() + 5000), budget())));
  EXPECT_TRUE(run(store().touch("k", touch_of(10, table_now() + 1), budget())));  // a newer version lives
  EXPECT_EQ(run(store().load("k", budget())).value()->expires, table_now() + 5000);
  restart();
  settle();
  EXPECT_EQ(in_table(), "cart");
  EXPECT_EQ(items.items["k"].expires, table_now() + 5000);
  EXPECT_FALSE(table().holds("k"));
}

TEST_F(journal_store_test, a_touch_without_anything_pending_goes_through) {
  start(false);
  hold();
  ASSERT_TRUE(run(store().touch("k", touch_of(10, table_now() + 5000), budget())));
  EXPECT_EQ(items.items["k"].expires, table_now() + 5000);
  EXPECT_FALSE(table().holds("k"));
  EXPECT_EQ(run(store().touch("absent", touch_of(10, table_now() + 50), budget())).error().code(), errc::stale);
}

TEST_F(journal_store_test, a_removal_takes_the_pending_commit_with_it) {
  start(false);
  hold();
  ASSERT_TRUE(save("cart", 10, 11));
  EXPECT_TRUE(run(store().remove("k", 11, budget())).value());
  EXPECT_EQ(in_table(), "(absent)");
  EXPECT_EQ(loaded(), "(absent)");
  restart();
  turn_over();
  EXPECT_EQ(in_table(), "(absent)");
  EXPECT_FALSE(run(store().remove("k", no_version, budget())).value());
}

TEST_F(journal_store_test, an_expired_pending_session_counts_as_absent_and_gives_way) {
  start(false);
  hold();
  session_write brief = write_of("cart", 10, 11);
  brief.expires = table_now() + 2;
  ASSERT_TRUE(run(store().save("k", brief, budget())));
  EXPECT_TRUE(run(store().exists("k", budget())).value());
  time.advance(3s);
  EXPECT_FALSE(run(store().exists("k", budget())).value());
  EXPECT_EQ(loaded(), "(absent)");
  EXPECT_EQ(acquire().value().answer, lease_answer::absent);
  ASSERT_TRUE(save("new", no_version, 12));
  EXPECT_EQ(loaded(), "new");
  spawn(io.get_executor(), log, "flush", store().flush());
  settle();
  EXPECT_EQ(in_table(), "new");
  EXPECT_EQ(metric("mooring_journal_conflicts_total{found=\"running\"}"), "0");
}

TEST_F(journal_store_test, data_that_may_be_too_large_is_for_the_table_to_judge) {
  start(false);
  hold();
  const std::string largest(max_data_bytes, 'x');
  ASSERT_TRUE(save(largest, 10, 11, lease_after::keep));
  EXPECT_EQ(in_table(), "stored");
  ASSERT_TRUE(save(largest + "x", 11, 12));
  EXPECT_EQ(in_table(), largest + "x");
  EXPECT_EQ(store().pending(), 0U);
}

TEST_F(journal_store_test, what_an_earlier_process_left_is_served_and_flushed) {
  start(false);
  hold();
  ASSERT_TRUE(save("cart", 10, 11));
  restart(false);
  EXPECT_EQ(store().pending(), 1U);
  EXPECT_EQ(loaded(), "cart");
  const auto opened = acquire().value();
  EXPECT_EQ(opened.answer, lease_answer::taken);
  EXPECT_EQ(opened.session.data, "cart");
  ASSERT_TRUE(save("bigger", 11, 12));
  restart();
  settle();
  EXPECT_EQ(in_table(), "bigger");
  EXPECT_EQ(metric("mooring_journal_conflicts_total{found=\"after_start\"}"), "0");
}

TEST_F(journal_store_test, a_drain_brings_everything_to_the_table) {
  start(false);
  for (const char* key : {"a", "b", "c"}) {
    hold(key);
    ASSERT_TRUE(save("cart", 10, 11, lease_after::release, key));
  }
  spawn(io.get_executor(), log, "flush", store().flush());
  spawn(io.get_executor(), log, "drain", store().drain(time.steady() + 5s));
  settle();
  EXPECT_EQ(store().pending(), 0U);
  EXPECT_EQ(in_table("c"), "cart");
  EXPECT_EQ(lines.find("journal.left"), std::string::npos);
}

}  // namespace
}  // namespace mooring::sessiond
