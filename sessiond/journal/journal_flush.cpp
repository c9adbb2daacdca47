// How a journal_store brings its rows to the table.
#include "mooring/base/digest.hpp"
#include "mooring/net/deadline.hpp"
#include "sessiond/journal/journal_flights.hpp"
#include "sessiond/journal/journal_store.hpp"

namespace mooring::sessiond {
namespace {

// A row is tried on each version it may follow, and a few times more when they change under it.
constexpr int max_tries = static_cast<int>(max_sent_versions) + 4;

// Between two looks at a session that others have, or change: 100 to 300 ms.
constexpr std::uint32_t shortest_look_ms = 100;
constexpr std::uint32_t look_spread_ms = 200;

// Without anything to do; whoever changes that wakes it.
constexpr steady_time::duration longest_sleep = std::chrono::hours(1);

// How often a drain looks whether it is done.
constexpr milliseconds drain_look{20};

double chance() {
  return random_number() / 4294967296.0;
}

milliseconds look_pause() {
  return milliseconds(shortest_look_ms + random_number() % look_spread_ms);
}

}  // namespace

task<journal_store::sending> journal_store::send(journal_row row, lease_after lease, call_budget budget) {
  sending out;
  out.what = fate::landed;
  out.stored = row.version;
  out.region = row.region;
  const lease_after with_data = row.touched ? lease_after::keep : lease;
  if (row.base != row.version) out = co_await send_data(row, with_data, budget);
  if (out.what != fate::landed || out.stored != row.version || !row.touched) co_return out;
  // The data may have been there before, with another expiry.
  session_touch touch;
  touch.version = row.version;
  touch.expires = row.expires;
  touch.lease = lease;
  auto touched = co_await table_.touch(row.key, touch, budget);
  if (touched || touched.error().code() == errc::stale) co_return out;
  out.what = fate::failed;
  out.why = touched.error();
  co_return out;
}

task<journal_store::sending> journal_store::send_data(journal_row row, lease_after lease, call_budget budget) {
  sending out;
  std::vector<session_version> bases = bases_of(row);
  session_write write;
  write.data = row.data;
  write.version = row.version;
  write.expires = row.expires;
  write.lease = lease;
  write.expected = bases.front();
  write.read_in = row.region;
  for (int tries = 0; tries < max_tries; ++tries) {
    auto saved = co_await table_.save(row.key, write, budget);
    out.what = saved ? fate::landed : fate::failed;
    if (saved) out.stored = row.version;
    if (saved) out.region = in_use_();
    if (!saved) out.why = saved.error();
    if (saved || saved.error().code() != errc::stale) co_return out;
    std::erase(bases, write.expected);
    auto found = co_await table_.load(row.key, budget);
    if (!found) out.why = found.error();
    if (!found) co_return out;
    const bool lives = found->has_value();
    if (!lives && bases.empty()) {
      // What was not there cannot have been removed by others: it was seen in the moment in which it expired.
      out.what = row.base == no_version ? fate::failed : fate::overtaken;
      out.stored = no_version;
      co_return out;
    }
    if (!lives) {
      write.expected = bases.front();
      write.read_in.clear();
      continue;
    }
    out.stored = (*found)->version;
    out.region = (*found)->region;
    const auto seen = judge(row, out.stored, out.region);
    if (seen == table_state::reached) out.what = fate::landed;
    if (seen == table_state::foreign) out.what = fate::overtaken;
    if (seen == table_state::behind && (*found)->leased_elsewhere) out.what = fate::blocked;
    if (out.what != fate::failed) co_return out;
    const bool lags = seen == table_state::lagging;
    write.expected = lags ? row.base : out.stored;
    write.read_in = lags ? row.region : out.region;
  }
  out.why = error(errc::busy, "other requests keep changing this session");
  co_return out;
}

// For a client that has to know.
task<journal_store::sending> journal_store::send_now(journal_row row, lease_after lease, call_budget budget) {
  flight under_way(*this, flight::kind::client, row.key, lease);
  auto sent = co_await send(row, lease, budget);
  note(row, sent);
  co_return sent;
}

task<void> journal_store::flush() {
  while (!stopping_) {
    const steady_time now = time_.steady();
    const bool may_start = gate_.lets_in(now, flushes_under_way_);
    const auto key = may_start ? index_.next(now) : std::nullopt;
    if (key) {
      spawn(executor_, log_, "flush", flush_one(start_flush(*key)));
      continue;
    }
    const auto until = may_start ? index_.next_pause_end() : gate_.next_opening(flushes_under_way_);
    wake_.expires_after(until ? *until - now : longest_sleep);
    co_await wake_.async_wait(nothrow);
  }
}

// While the table does not answer, a flush leaves the lease where it is: clients here go on without waiting for it.
std::unique_ptr<journal_store::flight> journal_store::start_flush(const std::string& key) {
  const bool keeps = leases_.is_wanted(key) || gate_.is_cut_off();
  return std::make_unique<flight>(*this, flight::kind::flush, key, keeps ? lease_after::keep : lease_after::release);
}

task<void> journal_store::flush_one(std::unique_ptr<flight> under_way) {
  const std::string& key = under_way->key;
  const bool keeps = under_way->lease == lease_after::keep;
  const steady_time asked = time_.steady();
  const std::string region = in_use_();
  const journal_row row = *index_.find(key);
  const auto sent = co_await send(row, under_way->lease, asked + flush_time);
  note(row, sent);
  if (sent.what != fate::landed) co_return;
  counts_.flushes.add();
  // A row that was sent before may have been there already, and with it what was to become of the lease then.
  const bool is_kept = keeps && !under_way->was_sent_before && in_use_() == region;
  if (is_kept)
    leases_.hold(key, sent.stored, region, asked);
  else
    leases_.moved(key, sent.stored);
  const bool may_linger = keeps || under_way->was_sent_before;
  const bool is_done = index_.find(key) == nullptr && !leases_.is_wanted(key);
  if (!may_linger || !is_done) co_return;
  leases_.forget(key);
  const auto released = co_await table_.release(key, time_.steady() + flush_time);
  if (!released)
    log_.warn("lease.not_released", "class", name_of(released.error().code()), "reason", released.error().detail());
}

void journal_store::note(const journal_row& row, const sending& sent) {
  if (sent.what != fate::failed) gate_.succeeded();
  if (sent.what == fate::landed) note_landed(row, sent);
  if (sent.what == fate::overtaken) note_overtaken(row, sent.stored);
  if (sent.what == fate::blocked) index_.pause(row.key, time_.steady() + look_pause());
  if (sent.what != fate::failed) return;
  if (sent.stored == row.version) index_.rebase(row.key, sent.stored, sent.region);
  note_failure(row, sent.why);
}

// The session may have been committed or touched again since this row was sent.
void journal_store::note_landed(const journal_row& row, const sending& sent) {
  const journal_row* pending = index_.find(row.key);
  if (pending == nullptr) return;
  const bool is_same = pending->version == row.version && pending->expires == row.expires;
  if (!is_same) {
    index_.rebase(row.key, sent.stored, sent.region);
    return;
  }
  const bool creates = index_.creates(row.key);
  index_.erase(row.key);
  writer_.correct(row.key, creates);
}

void journal_store::note_overtaken(const journal_row& row, session_version stored) {
  const journal_row* pending = index_.find(row.key);
  if (pending == nullptr) return;
  const bool is_recovered = index_.is_recovered(row.key);
  if (is_recovered)
    log_.info("journal.superseded", "key", row.key, "base", row.base, "ours", pending->version, "stored", stored);
  else
    log_.error("journal.conflict", "key", row.key, "base", row.base, "ours", pending->version, "stored", stored,
               "meaning", "another node changed or removed the session meanwhile; what is stored stays");
  (is_recovered ? counts_.superseded : counts_.conflicts).add();
  index_.erase(row.key);
  writer_.correct(row.key, false);
}

void journal_store::note_failure(const journal_row& row, const error& why) {
  const steady_time now = time_.steady();
  if (why.meaning().permanent) {
    index_.pause(row.key, now + refused_pause);
  } else if (why.code() == errc::busy) {
    index_.pause(row.key, now + look_pause());
  } else {
    gate_.failed(now, chance());
    index_.put_back(row.key);
  }
  if (const auto left_out = failure_lines_.admit(now))
    log_.warn("journal.flush_failed", "key", row.key, "class", name_of(why.code()), "reason", why.detail(), "pending",
              index_.size(), "left_out", *left_out);
}

task<void> journal_store::drain(steady_time deadline) {
  gate_.hurry();
  index_.end_pauses();
  wake();
  while (index_.size() + flights_.size() > 0 && time_.steady() < deadline)
    co_await sleep_for(drain_look);
  if (index_.size() > 0)
    log_.warn("journal.left", "pending", index_.size(), "bytes", index_.bytes(), "remedy",
              "DynamoDB did not take them in sessions.drain_grace; the next start goes on with them");
}

void journal_store::stop() {
  stopping_ = true;
  wake();
  writer_.stop();
}

}  // namespace mooring::sessiond
