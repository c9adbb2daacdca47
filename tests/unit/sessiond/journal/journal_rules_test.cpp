// The pure parts of the journal: rows and their bases, who answers a save, what is flushed next, leases, the gate.
#include <gtest/gtest.h>

#include "sessiond/journal/flush_gate.hpp"
#include "sessiond/journal/journal_index.hpp"
#include "sessiond/journal/lease_ledger.hpp"
#include "sessiond/journal/save_rule.hpp"

namespace mooring::sessiond {
namespace {

using namespace std::chrono_literals;

const steady_time start{1h};

session_write write_of(session_version expected, session_version version) {
  session_write out;
  out.data = "data";
  out.expected = expected;
  out.version = version;
  out.expires = 2000;
  return out;
}

journal_row row_of(const std::string& key, session_version version, session_version base = 10) {
  journal_row out;
  out.key = key;
  out.version = version;
  out.base = base;
  out.expires = 2000;
  return out;
}

TEST(journal_row, the_first_row_follows_what_was_read) {
  const journal_row row = row_after(nullptr, false, "k", write_of(10, 11));
  EXPECT_EQ(row.base, 10);
  EXPECT_TRUE(row.sent.empty());
}

TEST(journal_row, a_later_row_keeps_the_base_and_remembers_what_may_have_been_stored) {
  const journal_row first = row_of("k", 11);
  const journal_row second = row_after(&first, false, "k", write_of(11, 12));
  EXPECT_EQ(second.base, 10);
  EXPECT_TRUE(second.sent.empty());
  const journal_row third = row_after(&second, true, "k", write_of(12, 13));
  EXPECT_EQ(third.sent, std::vector<session_version>{12});
  EXPECT_EQ(bases_of(third), (std::vector<session_version>{10, 12}));
}

TEST(journal_row, remembers_so_many_sent_versions_and_forgets_the_oldest) {
  journal_row row = row_of("k", 11);
  for (session_version version = 12; row.sent.size() < max_sent_versions; ++version)
    row = row_after(&row, true, "k", write_of(version - 1, version));
  EXPECT_EQ(row.sent.front(), 11);
  row = row_after(&row, true, "k", write_of(row.version, row.version + 1));
  EXPECT_EQ(row.sent.size(), max_sent_versions);
  EXPECT_EQ(row.sent.front(), 12);
}

TEST(journal_row, judges_what_the_table_has) {
  journal_row row = row_of("k", 13);
  row.sent = {11, 15};
  EXPECT_EQ(judge(row, 10, ""), table_state::behind);
  EXPECT_EQ(judge(row, 11, ""), table_state::behind);
  EXPECT_EQ(judge(row, 13, ""), table_state::reached);
  EXPECT_EQ(judge(row, 15, ""), table_state::reached);
  EXPECT_EQ(judge(row, 12, ""), table_state::foreign);
  EXPECT_EQ(judge(row, 14, ""), table_state::foreign);
}

TEST(journal_row, another_region_may_lag_behind_its_base) {
  journal_row row = row_of("k", 13);
  row.region = "us";
  EXPECT_EQ(judge(row, 9, "us"), table_state::foreign);
  EXPECT_EQ(judge(row, 9, "eu"), table_state::lagging);
  EXPECT_EQ(judge(row, 10, "eu"), table_state::behind);
  EXPECT_EQ(judge(row, 12, "eu"), table_state::foreign);
}

TEST(save_rule, without_anything_pending) {
  save_facts facts;
  EXPECT_EQ(answer_for(facts, write_of(10, 11)), save_answer::table);
  EXPECT_EQ(answer_for(facts, write_of(no_version, 11)), save_answer::table_else_journal);
  facts.lease_is_sure = true;
  facts.stored = 10;
  EXPECT_EQ(answer_for(facts, write_of(10, 11)), save_answer::journal);
  EXPECT_EQ(answer_for(facts, write_of(9, 11)), save_answer::table);
  facts.lease_is_sure = false;
  facts.is_cut_off = true;
  EXPECT_EQ(answer_for(facts, write_of(10, 11)), save_answer::table);
}

TEST(save_rule, with_a_pending_commit) {
  const journal_row pending = row_of("k", 11);
  save_facts facts;
  facts.pending = &pending;
  facts.now = 1000;
  EXPECT_EQ(answer_for(facts, write_of(11, 12)), save_answer::table_else_journal);
  EXPECT_EQ(answer_for(facts, write_of(10, 12)), save_answer::stale);
  EXPECT_EQ(answer_for(facts, write_of(no_version, 12)), save_answer::stale);
  EXPECT_EQ(answer_for(facts, write_of(10, 11)), save_answer::stale);  // other bytes
  session_write same = write_of(10, 11);
  same.data = pending.data;
  EXPECT_EQ(answer_for(facts, same), save_answer::repeated);
  facts.is_cut_off = true;
  EXPECT_EQ(answer_for(facts, write_of(11, 12)), save_answer::journal);
  facts.is_cut_off = false;
  facts.lease_is_sure = true;
  EXPECT_EQ(answer_for(facts, write_of(11, 12)), save_answer::journal);
  facts.now = 2000;
  EXPECT_EQ(answer_for(facts, write_of(no_version, 12)), save_answer::journal);
}

TEST(save_rule, the_table_judges_data_that_may_be_too_large) {
  save_facts facts;
  facts.lease_is_sure = true;
  facts.stored = 10;
  session_write write = write_of(10, 11);
  write.data.assign(max_data_bytes, 'x');
  EXPECT_EQ(answer_for(facts, write), save_answer::journal);
  write.data.push_back('x');
  EXPECT_EQ(answer_for(facts, write), save_answer::table);
}

struct journal_index_test : ::testing::Test {
  void keep(journal_row row) {
    ASSERT_TRUE(index.admit(row));
    index.put(std::move(row), start);
  }
  journal_index index{100'000};
};

TEST_F(journal_index_test, gives_rows_by_age_and_a_busy_session_keeps_its_place) {
  keep(row_of("old", 11));
  keep(row_of("young", 11));
  keep(row_after(index.find("old"), true, "old", write_of(11, 12)));
  EXPECT_EQ(index.next(start), "old");
  index.begin_flush("old");
  EXPECT_EQ(index.next(start), "young");
  index.begin_flush("young");
  EXPECT_FALSE(index.next(start));
  index.reopen("old");
  EXPECT_EQ(index.next(start), "old");
}

TEST_F(journal_index_test, a_row_that_failed_comes_after_the_others) {
  keep(row_of("bad", 11));
  keep(row_of("good", 11));
  index.begin_flush("bad");
  index.put_back("bad");
  index.reopen("bad");
  EXPECT_EQ(index.next(start), "good");
  index.begin_flush("good");
  EXPECT_EQ(index.next(start), "bad");
}

TEST_F(journal_index_test, a_paused_row_waits) {
  keep(row_of("k", 11));
  index.pause("k", start + 5s);
  EXPECT_FALSE(index.next(start + 4s));
  EXPECT_EQ(index.next_pause_end(), start + 5s);
  EXPECT_EQ(index.next(start + 5s), "k");
  EXPECT_FALSE(index.next_pause_end());
  index.pause("k", start + 50s);
  index.end_pauses();
  EXPECT_EQ(index.next(start + 6s), "k");
}

TEST_F(journal_index_test, a_session_that_is_closed_twice_needs_two_openings) {
  keep(row_of("k", 11));
  index.close("k");
  index.begin_flush("k");
  index.reopen("k");
  EXPECT_FALSE(index.next(start));
  index.erase("k");
  index.reopen("k");
  EXPECT_FALSE(index.next(start));
  EXPECT_EQ(index.size(), 0U);
}

TEST_F(journal_index_test, counts_bytes_from_admission_and_refuses_one_too_many) {
  journal_row row = row_of("k", 11);
  journal_index small(row.bytes() + 10);
  row.data.assign(11, 'x');
  EXPECT_FALSE(small.admit(row));
  row.data.assign(10, 'x');
  EXPECT_TRUE(small.admit(row));
  journal_row other = row_of("o", 11);
  EXPECT_FALSE(small.admit(other));
  small.drop(row);
  EXPECT_EQ(small.bytes(), 0U);
  ASSERT_TRUE(small.admit(row));
  small.put(row, start);
  journal_row next = row_after(small.find("k"), false, "k", write_of(11, 12));
  EXPECT_TRUE(small.admit(next));  // it takes the place of the other
  small.put(next, start);
  EXPECT_EQ(small.bytes(), next.bytes());
  small.erase("k");
  EXPECT_EQ(small.bytes(), 0U);
}

TEST_F(journal_index_test, knows_what_may_have_been_sent_and_what_it_would_create) {
  keep(row_of("k", 11, no_version));
  EXPECT_FALSE(index.was_sent("k"));
  EXPECT_TRUE(index.creates("k"));
  index.begin_flush("k");
  EXPECT_TRUE(index.was_sent("k"));
  keep(row_after(*index.find("k"), session_touch{11, 3000, lease_after::keep}));
  EXPECT_TRUE(index.was_sent("k"));
  keep(row_after(index.find("k"), true, "k", write_of(11, 12)));
  EXPECT_FALSE(index.was_sent("k"));
  index.rebase("k", 11, "");
  EXPECT_EQ(index.find("k")->base, 11);
  EXPECT_TRUE(index.creates("k"));  // the one on disk still does
}

TEST_F(journal_index_test, what_an_earlier_process_left_may_have_been_sent) {
  journal_row left = row_of("k", 11);
  left.sequence = 7;
  index.recover(left, start);
  EXPECT_TRUE(index.was_sent("k"));
  EXPECT_TRUE(index.is_recovered("k"));
  journal_row other = row_of("o", 11);
  ASSERT_TRUE(index.admit(other));
  EXPECT_GT(other.sequence, left.sequence);
  index.rebase("k", 10, "");
  EXPECT_FALSE(index.is_recovered("k"));
  EXPECT_EQ(index.oldest(), start);
}

TEST(lease_ledger, a_lease_is_sure_for_a_third_of_its_time_from_the_request_on) {
  lease_ledger leases(15s);
  EXPECT_FALSE(leases.is_sure("k", "us", start));
  leases.hold("k", 10, "us", start);
  EXPECT_TRUE(leases.is_sure("k", "us", start + 4999ms));
  EXPECT_FALSE(leases.is_sure("k", "us", start + 5s));
  EXPECT_FALSE(leases.is_sure("k", "eu", start));
  leases.renewed("k", start + 5s);
  EXPECT_TRUE(leases.is_sure("k", "us", start + 9s));
  leases.moved("k", 11);
  EXPECT_EQ(leases.stored_version("k"), 11);
  leases.forget("k");
  leases.renewed("k", start);
  EXPECT_FALSE(leases.is_sure("k", "us", start));
  EXPECT_EQ(leases.stored_version("k"), no_version);
}

TEST(flush_gate, many_while_the_table_answers_and_one_while_it_does_not) {
  flush_gate gate;
  EXPECT_TRUE(gate.lets_in(start, max_flushes - 1));
  EXPECT_FALSE(gate.lets_in(start, max_flushes));
  gate.failed(start, 0.99);
  EXPECT_TRUE(gate.is_cut_off());
  EXPECT_FALSE(gate.lets_in(start, 0));
  EXPECT_FALSE(gate.lets_in(*gate.next_opening(0), 1));
  EXPECT_TRUE(gate.lets_in(*gate.next_opening(0), 0));
  EXPECT_FALSE(gate.next_opening(1));
  for (int i = 0; i < 50; ++i)
    gate.failed(start, 0.99);
  EXPECT_LE(*gate.next_opening(0), start + 1s);
  gate.succeeded();
  EXPECT_TRUE(gate.lets_in(start, max_flushes - 1));
}

}  // namespace
}  // namespace mooring::sessiond
