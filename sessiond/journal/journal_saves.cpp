// How a journal_store is written to: commits, touches, removals.
#include "sessiond/journal/journal_flights.hpp"
#include "sessiond/journal/journal_store.hpp"

namespace mooring::sessiond {
namespace {

constexpr const char* stale_text = "stale: another request changed or removed the session; what is stored is unchanged";
constexpr const char* full_text = "journal: full";

}  // namespace

save_facts journal_store::facts_of(const std::string& key) const {
  save_facts out;
  out.pending = index_.find(key);
  out.stored = leases_.stored_version(key);
  out.lease_is_sure = is_sure(key);
  out.is_cut_off = gate_.is_cut_off();
  out.now = now();
  return out;
}

journal_row journal_store::following(const std::string& key, const session_write& write) const {
  session_write read = write;
  read.read_in = leases_.region_of(key);
  return row_after(index_.find(key), index_.was_sent(key), key, read);
}

task<result<void>> journal_store::save(std::string key, session_write write, call_budget budget) {
  auto turn = co_await turns_.take(key, budget.deadline);
  if (!turn) co_return error(errc::busy, busy_text);
  flush_stop stopped(*this, key);
  co_return co_await save_in_turn(std::move(key), std::move(write), budget);
}

task<result<void>> journal_store::save_in_turn(std::string key, session_write write, call_budget budget) {
  bool journal_failed = false;
  save_answer answer = answer_for(facts_of(key), write);
  for (;; answer = answer_for(facts_of(key), write)) {
    if (answer == save_answer::repeated || answer == save_answer::stale) break;
    if (answer == save_answer::journal && !journal_failed) {
      auto kept = co_await save_to_journal(following(key, write), write.lease, budget);
      if (kept) co_return kept;
      journal_failed = true;
      continue;
    }
    // What is under way decides what the table has, and may change who answers.
    if (flights_.count(key) == 0) break;
    if (time_.steady() >= budget.deadline) co_return error(errc::timed_out, "the table did not answer in time");
    co_await no_flight(key, budget.deadline);
  }
  result<void> repeated;
  if (answer == save_answer::repeated) leases_.want(key, write.lease == lease_after::keep);
  if (answer == save_answer::repeated) co_return repeated;
  if (answer == save_answer::stale) co_return error(errc::stale, stale_text);
  if (!journal_failed) counts_.through_not_sure.add();
  const bool may_fall_back = answer == save_answer::table_else_journal && !journal_failed;
  const bool is_pending = index_.find(key) != nullptr;
  const call_budget try_budget = may_fall_back ? own_try(budget) : budget;
  auto saved = co_await save_to_table(key, write, try_budget);
  if (saved || !saved.error().meaning().retryable) co_return saved;
  if (may_fall_back) {
    auto kept = co_await save_to_journal(following(key, write), write.lease, budget);
    if (kept) index_.mark_sent(key);
    if (kept) co_return kept;
  }
  if (is_pending) index_.note_sent(key, write.version);
  co_return saved;
}

task<result<void>> journal_store::save_to_journal(journal_row row, lease_after lease, call_budget budget) {
  const bool fits = index_.admit(row);
  result<void> kept = error(errc::io, full_text);
  if (fits) kept = co_await writer_.write(row, budget.deadline);
  if (kept) {
    leases_.want(row.key, lease == lease_after::keep);
    co_return kept;
  }
  if (fits) index_.drop(row);
  (fits ? counts_.through_disk : counts_.through_full).add();
  if (const auto left_out = through_lines_.admit(time_.steady()))
    log_.warn("journal.write_through", "reason", kept.error().detail(), "pending", index_.size(), "bytes",
              index_.bytes(), "left_out", *left_out);
  co_return kept;
}

task<result<void>> journal_store::save_to_table(std::string key, session_write write, call_budget budget) {
  const steady_time asked = time_.steady();
  const lease_after lease = write.lease;
  const session_version version = write.version;
  const bool was_sure = is_sure(key) && leases_.stored_version(key) == write.expected;
  flight under_way(*this, flight::kind::client, key, lease);
  if (index_.find(key) != nullptr) co_return co_await save_behind_pending(following(key, write), lease, budget);
  auto saved = co_await table_.save(key, std::move(write), budget);
  if (saved) note_write(key, lease, was_sure, version, asked);
  if (!saved && !saved.error().meaning().permanent) leases_.forget(key);
  co_return saved;
}

// The row takes the pending one with it.
task<result<void>> journal_store::save_behind_pending(journal_row row, lease_after lease, call_budget budget) {
  const steady_time asked = time_.steady();
  const journal_row pending = *index_.find(row.key);
  const bool was_sure = is_sure(row.key);
  const auto sent = co_await send(row, lease, budget);
  result<void> saved = refuse(sent);
  if (saved) note_landed(pending, sent);
  if (saved) note_write(row.key, lease, was_sure, sent.stored, asked);
  if (!saved) leases_.forget(row.key);
  if (sent.what == fate::overtaken) note_overtaken(pending, sent.stored);
  co_return saved;
}

result<void> journal_store::refuse(const sending& sent) const {
  if (sent.what == fate::landed) return {};
  if (sent.what == fate::failed) return sent.why;
  return error(errc::stale, stale_text);
}

// A write that succeeded may be the repetition of one that was stored before, and then it did nothing to the lease. So
// a lease that was not sure before is not sure after it.
void journal_store::note_write(const std::string& key, lease_after lease, bool was_sure, session_version stored,
                               steady_time asked) {
  const bool keeps = lease == lease_after::keep;
  leases_.want(key, keeps);
  if (keeps && was_sure)
    leases_.hold(key, stored, in_use_(), asked);
  else
    leases_.forget(key);
}

task<result<void>> journal_store::touch(std::string key, session_touch touch, call_budget budget) {
  auto turn = co_await turns_.take(key, budget.deadline);
  if (!turn) co_return error(errc::busy, busy_text);
  flush_stop stopped(*this, key);
  if (index_.find(key) == nullptr) {
    co_await no_flight(key, budget.deadline);
    co_return co_await touch_table(std::move(key), touch, budget);
  }
  co_return co_await touch_pending(std::move(key), touch, budget);
}

task<result<void>> journal_store::touch_table(std::string key, session_touch touch, call_budget budget) {
  const steady_time asked = time_.steady();
  const bool was_sure = is_sure(key) && leases_.stored_version(key) == touch.version;
  flight under_way(*this, flight::kind::client, key, touch.lease);
  auto touched = co_await table_.touch(key, touch, budget);
  if (touched) note_write(key, touch.lease, was_sure, touch.version, asked);
  co_return touched;
}

task<result<void>> journal_store::touch_pending(std::string key, session_touch touch, call_budget budget) {
  const journal_row pending = *index_.find(key);
  result<void> newer_lives;
  if (touch.version != pending.version && !live(pending)) co_return error(errc::stale, stale_text);
  if (touch.version != pending.version) leases_.want(key, touch.lease == lease_after::keep);
  if (touch.version != pending.version) co_return newer_lives;
  journal_row moved = row_after(pending, touch);
  auto kept = co_await save_to_journal(moved, touch.lease, budget);
  if (kept) co_return kept;
  co_await no_flight(key, budget.deadline);
  const bool is_still_pending = index_.find(key) != nullptr;
  if (!is_still_pending) co_return co_await touch_table(std::move(key), touch, budget);
  flight under_way(*this, flight::kind::client, key, touch.lease);
  co_return co_await save_behind_pending(std::move(moved), touch.lease, budget);
}

// First from the table, then from the journal: whatever happens between the two, a replay finds nothing to follow. Only
// a row that creates its session could bring it back, so that one must be gone before this is acknowledged.
task<result<bool>> journal_store::remove(std::string key, session_version known, call_budget budget) {
  auto turn = co_await turns_.take(key, budget.deadline);
  if (!turn) co_return error(errc::busy, busy_text);
  flush_stop stopped(*this, key);
  co_await no_flight(key, budget.deadline);
  if (flights_.count(key) != 0) co_return error(errc::timed_out, "the table did not answer in time");
  const journal_row* pending = index_.find(key);
  const bool was_live = pending != nullptr && live(*pending);
  const bool comes_back = index_.creates(key);
  if (pending != nullptr) known = no_version;
  auto removed = co_await table_.remove(key, known, budget);
  if (!removed) co_return removed;
  leases_.forget(key);
  leases_.want(key, false);
  if (pending == nullptr) co_return removed;
  index_.erase(key);
  auto gone = co_await writer_.settle(key, budget.deadline);
  if (!gone) writer_.correct(key, comes_back);
  if (!gone && comes_back) co_return gone.error();
  co_return was_live;
}

}  // namespace mooring::sessiond
