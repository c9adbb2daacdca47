// sessions.durability = "journal": a session_store that answers for commits as soon as they are on this node's disk,
// and brings them to the DynamoDB table behind. docs/durability.md says what that promises.
//
//   save -> save_rule -+-> journal_writer (fsync) -> journal_index -> acknowledged
//                      |                                  |
//                      +-> table <------- flusher <-------+        (conditional on the version that the row follows)
//
// While a commit is pending the lease stays with this node, so no other node reads an older state; this node serves it
// from memory. A flush gives the lease back, unless a client here has the session or waits for it. When the lease may
// be over the table is asked first: if somebody else has changed the session meanwhile, this node was overtaken, and
// what is stored stays (journal.conflict). One flush of a session at a time; they are never out of order. A commit that
// finds the journal full, or its disk failing, is written to the table before it is acknowledged.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <vector>

#include "mooring/base/log_limiter.hpp"
#include "mooring/settings/settings.hpp"
#include "sessiond/journal/flush_gate.hpp"
#include "sessiond/journal/journal_index.hpp"
#include "sessiond/journal/journal_metrics.hpp"
#include "sessiond/journal/journal_writer.hpp"
#include "sessiond/journal/key_turns.hpp"
#include "sessiond/journal/lease_ledger.hpp"
#include "sessiond/journal/save_rule.hpp"

namespace mooring::sessiond {

// One try of a flush; the next is made after a pause.
constexpr milliseconds flush_time{2000};
// For a client's own try while the table is known not to answer, and what is left for the disk after such a try.
constexpr milliseconds cut_off_try{1000};
constexpr milliseconds disk_reserve{500};
// A row that the table refuses for good is tried again after that: its item may have been repaired or removed.
constexpr std::chrono::seconds refused_pause{60};

constexpr const char* busy_text = "busy: other requests are changing this session";

class journal_store final : public session_store, private journal_writer::owner {
 public:
  // Which region commands go to now; the same text for ever when there is one only.
  using region_in_use = std::function<std::string()>;

  // `table` and `time` must outlive the store. `left`: what an earlier process has left in the file.
  journal_store(session_store& table, region_in_use in_use, std::unique_ptr<journal_file> file,
                std::vector<journal_row> left, const clock& time, const logger& log, metrics& registry,
                const session_settings& config, const asio::any_io_executor& executor);

  std::int64_t now() const override { return table_.now(); }
  task<result<std::optional<stored_session>>> load(std::string key, call_budget budget) override;
  task<result<bool>> exists(std::string key, call_budget budget) override;
  task<result<void>> save(std::string key, session_write write, call_budget budget) override;
  task<result<leased_session>> acquire(std::string key, call_budget budget) override;
  task<result<void>> renew(std::string key, call_budget budget) override;
  task<result<void>> release(std::string key, call_budget budget) override;
  task<result<void>> touch(std::string key, session_touch touch, call_budget budget) override;
  task<result<bool>> remove(std::string key, session_version known, call_budget budget) override;

  // Flushes until stop(), which waits for nothing.
  task<void> flush();
  // Tries to get everything into the table; what is left at the deadline stays in the file.
  task<void> drain(steady_time deadline);
  void stop();

  std::size_t pending() const { return index_.size(); }
  std::size_t pending_bytes() const { return index_.bytes(); }
  // Brings the gauges up to date.
  void measure();

 private:
  // What became of a row that was sent to the table.
  enum class fate {
    landed,     // the table has it, or something of this node that follows it
    overtaken,  // somebody else's version is there, or none: the row is void
    blocked,    // another node has the session open, in the version that the row follows
    failed,     // nothing is known
  };
  struct sending {
    fate what = fate::failed;
    session_version stored = no_version;  // known to be in the table
    std::string region;                   // of that table, when there is more than one
    error why;
  };
  class flush_stop;  // keeps a session from being flushed
  class flight;      // a session that is being sent

  task<sending> send(journal_row row, lease_after lease, call_budget budget);
  task<sending> send_data(journal_row row, lease_after lease, call_budget budget);
  task<sending> send_now(journal_row row, lease_after lease, call_budget budget);
  task<void> flush_one(std::unique_ptr<flight> under_way);
  std::unique_ptr<flight> start_flush(const std::string& key);
  task<void> no_flight(std::string key, steady_time deadline);
  void note(const journal_row& row, const sending& sent);
  void note_landed(const journal_row& row, const sending& sent);
  void note_overtaken(const journal_row& row, session_version stored);
  void note_failure(const journal_row& row, const error& why);
  void note_write(const std::string& key, lease_after lease, bool was_sure, session_version stored, steady_time asked);
  bool is_sure(const std::string& key) const { return leases_.is_sure(key, in_use_(), time_.steady()); }

  task<result<std::optional<stored_session>>> load_absent(std::string key, call_budget budget);
  task<result<leased_session>> acquire_in_turn(std::string key, call_budget budget);
  task<result<leased_session>> acquire_pending(journal_row row, call_budget budget);
  task<result<leased_session>> acquire_absent(journal_row row, call_budget budget);
  task<result<leased_session>> acquire_from_table(std::string key, call_budget budget);
  task<result<void>> save_in_turn(std::string key, session_write write, call_budget budget);
  task<result<void>> save_to_journal(journal_row row, lease_after lease, call_budget budget);
  task<result<void>> save_to_table(std::string key, session_write write, call_budget budget);
  task<result<void>> save_behind_pending(journal_row row, lease_after lease, call_budget budget);
  task<result<void>> touch_table(std::string key, session_touch touch, call_budget budget);
  task<result<void>> touch_pending(std::string key, session_touch touch, call_budget budget);
  result<void> refuse(const sending& sent) const;
  save_facts facts_of(const std::string& key) const;
  journal_row following(const std::string& key, const session_write& write) const;
  call_budget own_try(call_budget budget) const;
  std::optional<stored_session> live(const journal_row& row) const;
  leased_session leased(const journal_row& row) const;
  void wake() { wake_.cancel(); }

  const journal_row* row_of(const std::string& key) const override { return index_.find(key); }
  void is_kept(journal_row row) override;

  session_store& table_;
  region_in_use in_use_;
  const clock& time_;
  logger log_;
  asio::any_io_executor executor_;
  journal_metrics counts_;
  journal_index index_;
  lease_ledger leases_;
  flush_gate gate_;
  key_turns turns_;
  std::set<std::string> flights_;  // sessions that are being sent
  std::size_t flushes_under_way_ = 0;
  bool stopping_ = false;
  asio::steady_timer wake_;
  log_limiter through_lines_;
  log_limiter failure_lines_;
  journal_writer writer_;
};

}  // namespace mooring::sessiond
