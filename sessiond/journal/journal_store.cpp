// How a journal_store is read: opening, looking, leases.
#include "sessiond/journal/journal_store.hpp"

#include "sessiond/journal/journal_flights.hpp"

namespace mooring::sessiond {

journal_store::journal_store(session_store& table, region_in_use in_use, std::unique_ptr<journal_file> file,
                             std::vector<journal_row> left, const clock& time, const logger& log, metrics& registry,
                             const session_settings& config, const asio::any_io_executor& executor)
    : table_(table),
      in_use_(std::move(in_use)),
      time_(time),
      log_(log),
      executor_(executor),
      counts_(registry),
      index_(static_cast<std::size_t>(config.journal_max_bytes)),
      leases_(config.lease),
      turns_(executor),
      wake_(executor),
      writer_(executor, std::move(file), time, log, counts_.fsync_seconds, *this) {
  for (journal_row& row : left)
    index_.recover(std::move(row), time_.steady());
}

void journal_store::is_kept(journal_row row) {
  index_.put(std::move(row), time_.steady());
}

void journal_store::measure() {
  const auto oldest = index_.oldest();
  counts_.pending.set(static_cast<double>(index_.size()));
  counts_.bytes.set(static_cast<double>(index_.bytes()));
  counts_.oldest_seconds.set(oldest ? std::chrono::duration<double>(time_.steady() - *oldest).count() : 0);
}

std::optional<stored_session> journal_store::live(const journal_row& row) const {
  std::optional<stored_session> out;
  if (row.expires <= now()) return out;
  out.emplace();
  out->data = row.data;
  out->version = row.version;
  out->expires = row.expires;
  return out;
}

leased_session journal_store::leased(const journal_row& row) const {
  leased_session out;
  auto session = live(row);
  if (!session) return out;
  out.answer = lease_answer::taken;
  out.session = std::move(*session);
  return out;
}

// Leaves time for what the journal does when the table does not answer; short when that is known beforehand.
call_budget journal_store::own_try(call_budget budget) const {
  const steady_time begun = time_.steady();
  const auto left = budget.deadline - begun;
  budget.deadline -= std::min<steady_time::duration>(disk_reserve, left / 4);
  if (gate_.is_cut_off()) budget.deadline = std::min(budget.deadline, begun + cut_off_try);
  return budget;
}

// Until nothing of the session is being sent, or the deadline.
task<void> journal_store::no_flight(std::string key, steady_time deadline) {
  while (flights_.count(key) != 0 && time_.steady() < deadline)
    co_await turns_.wait(key, deadline);
}

task<result<std::optional<stored_session>>> journal_store::load(std::string key, call_budget budget) {
  const journal_row* pending = index_.find(key);
  if (pending == nullptr) co_return co_await table_.load(std::move(key), budget);
  if (is_sure(key)) co_return live(*pending);
  // As it was acknowledged when this call came; what the table answers may be older than that.
  const journal_row row = *pending;
  auto stored = co_await table_.load(std::move(key), own_try(budget));
  if (!stored && !stored.error().meaning().retryable) co_return stored.error();
  if (!stored) co_return live(row);
  const bool in_doubt = !*stored && row.base != no_version;
  if (in_doubt) co_return co_await load_absent(row.key, budget);
  if (!*stored) co_return live(row);
  const auto seen = judge(row, (*stored)->version, (*stored)->region);
  if (seen == table_state::foreign) co_return stored;
  if (seen == table_state::reached && (*stored)->version != row.version) co_return stored;
  auto newest = live(row);
  if (newest) newest->leased_elsewhere = (*stored)->leased_elsewhere;
  co_return newest;
}

// What the table has no longer was removed there, or has only expired while the pending commit was to prolong it.
task<result<std::optional<stored_session>>> journal_store::load_absent(std::string key, call_budget budget) {
  auto turn = co_await turns_.take(key, budget.deadline);
  if (!turn) co_return error(errc::busy, busy_text);
  flush_stop stopped(*this, key);
  co_await no_flight(key, own_try(budget).deadline);
  const journal_row* pending = index_.find(key);
  const bool may_send = pending != nullptr && flights_.count(key) == 0;
  if (may_send) {
    const lease_after lease = leases_.is_wanted(key) ? lease_after::keep : lease_after::release;
    co_await send_now(*pending, lease, own_try(budget));
  }
  pending = index_.find(key);
  if (pending != nullptr) co_return live(*pending);
  co_return co_await table_.load(std::move(key), budget);
}

task<result<bool>> journal_store::exists(std::string key, call_budget budget) {
  const bool is_pending = index_.find(key) != nullptr;
  if (!is_pending) co_return co_await table_.exists(std::move(key), budget);
  auto found = co_await load(std::move(key), budget);
  if (!found) co_return found.error();
  co_return found->has_value();
}

task<result<leased_session>> journal_store::acquire(std::string key, call_budget budget) {
  const journal_row* pending = index_.find(key);
  if (pending != nullptr && is_sure(key)) {
    leased_session held = leased(*pending);
    leases_.want(key, held.answer == lease_answer::taken);
    co_return held;
  }
  auto turn = co_await turns_.take(key, budget.deadline);
  if (!turn) co_return error(errc::busy, busy_text);
  flush_stop stopped(*this, key);
  auto answer = co_await acquire_in_turn(key, budget);
  if (answer) leases_.want(key, answer->answer == lease_answer::taken);
  co_return answer;
}

task<result<leased_session>> journal_store::acquire_in_turn(std::string key, call_budget budget) {
  const steady_time patience = own_try(budget).deadline;
  co_await no_flight(key, patience);
  const journal_row* pending = index_.find(key);
  if (pending == nullptr) co_return co_await acquire_from_table(std::move(key), budget);
  if (is_sure(key) || flights_.count(key) != 0) co_return leased(*pending);
  journal_row row = *pending;
  co_return co_await acquire_pending(std::move(row), budget);
}

task<result<leased_session>> journal_store::acquire_from_table(std::string key, call_budget budget) {
  const steady_time asked = time_.steady();
  auto answer = co_await table_.acquire(key, budget);
  if (answer && answer->answer == lease_answer::taken)
    leases_.hold(key, answer->session.version, answer->session.region, asked);
  co_return answer;
}

// The lease may be over, so the table says whether this node still has the newest state.
task<result<leased_session>> journal_store::acquire_pending(journal_row row, call_budget budget) {
  auto answer = co_await acquire_from_table(row.key, own_try(budget));
  if (!answer && answer.error().meaning().retryable) co_return leased(row);
  if (!answer) co_return answer;
  if (answer->answer == lease_answer::absent) co_return co_await acquire_absent(std::move(row), budget);
  sending found;
  found.what = fate::landed;
  found.stored = answer->session.version;
  found.region = answer->session.region;
  const auto seen = judge(row, found.stored, found.region);
  if (seen == table_state::foreign) note_overtaken(row, found.stored);
  if (seen == table_state::reached) note_landed(row, found);
  if (seen == table_state::behind) index_.rebase(row.key, found.stored, found.region);
  const bool row_is_newest = seen != table_state::foreign && found.stored <= row.version;
  if (answer->answer == lease_answer::taken && row_is_newest) co_return leased(row);
  co_return answer;
}

// The table has no live session: it was removed or has expired there, or this one was never in it. Sending it tells.
task<result<leased_session>> journal_store::acquire_absent(journal_row row, call_budget budget) {
  const auto sent = co_await send_now(row, lease_after::keep, own_try(budget));
  leased_session nothing;
  if (sent.what == fate::landed) co_return co_await acquire_from_table(row.key, budget);
  if (sent.what == fate::overtaken) co_return nothing;
  if (sent.what == fate::blocked) nothing.answer = lease_answer::held_elsewhere;
  if (sent.what == fate::blocked) co_return nothing;
  if (sent.what == fate::failed && !sent.why.meaning().retryable) co_return sent.why;
  co_return leased(row);
}

task<result<void>> journal_store::renew(std::string key, call_budget budget) {
  const steady_time asked = time_.steady();
  auto renewed = co_await table_.renew(key, budget);
  if (renewed) leases_.renewed(key, asked);
  if (!renewed && renewed.error().code() == errc::stale) {
    leases_.forget(key);
    leases_.want(key, false);
  }
  co_return renewed;
}

// The flush of what is pending gives the lease back.
task<result<void>> journal_store::release(std::string key, call_budget budget) {
  result<void> later;
  leases_.want(key, false);
  const bool is_flushed = index_.find(key) != nullptr || flights_.count(key) != 0;
  if (is_flushed) co_return later;
  leases_.forget(key);
  co_return co_await table_.release(std::move(key), budget);
}

}  // namespace mooring::sessiond
