// Writes the journal's file on a thread of its own, with group commit: all that has come while the disk was busy is one
// transaction and one fsync.
//
// A write() that succeeds is on the disk. One that does not come back within disk_patience fails although it may still
// happen, and so does every other at once while the disk is that slow; after a failure of the disk it is tried again
// after disk_pause, and until then every write fails at once. What is on disk of a session whose write failed, or whose
// row has changed in memory, is brought in line behind: settle() and correct(). Removals alone cost no fsync, because a
// row that comes back after a power cut is harmless, but for one that creates its session.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "mooring/base/clock.hpp"
#include "mooring/base/log.hpp"
#include "mooring/base/log_limiter.hpp"
#include "mooring/base/metrics.hpp"
#include "mooring/net/task.hpp"
#include "sessiond/journal/journal_file.hpp"

namespace mooring::sessiond {

constexpr milliseconds disk_patience{1000};
constexpr milliseconds disk_pause{1000};

class journal_writer {
 public:
  // What the writer asks and tells the one who knows the sessions.
  class owner {
   public:
    virtual ~owner() = default;
    // What the journal should have for a session now; null: no row.
    virtual const journal_row* row_of(const std::string& key) const = 0;
    // A row that somebody waits for is on the disk: from now on row_of() gives it.
    virtual void is_kept(journal_row row) = 0;
  };

  journal_writer(const asio::any_io_executor& executor, std::unique_ptr<journal_file> file, const clock& time,
                 const logger& log, histogram& fsync_seconds, owner& rows);
  ~journal_writer();

  task<result<void>> write(journal_row row, steady_time deadline);

  // Brings the session's row in line with the owner's: durably, as write(); or behind, some time.
  task<result<void>> settle(std::string key, steady_time deadline);
  void correct(const std::string& key, bool durably);

  // What is queued is still written; a disk that fails is tried once more.
  void stop();

 private:
  struct batch {
    std::map<std::string, journal_row> rows;  // that somebody waits for
    std::map<std::string, bool> corrections;  // and whether they must be durable
    std::vector<asio::steady_timer*> waiting;
    bool is_over = false;
    result<void> outcome;
  };
  using shared_batch = std::shared_ptr<batch>;
  batch& queue();
  void start();
  task<result<void>> wait_for(shared_batch queued, std::string key, steady_time deadline);
  std::optional<error> refusal() const;
  task<void> write_batches();
  void finish(batch& written);

  asio::any_io_executor executor_;
  std::unique_ptr<journal_file> file_;
  const clock& time_;
  logger log_;
  histogram& fsync_seconds_;
  owner& rows_;
  shared_batch queued_;  // null: nothing to do
  std::optional<steady_time> busy_since_;
  std::optional<error> failing_;
  bool running_ = false;
  bool stopping_ = false;
  asio::steady_timer pause_;
  log_limiter lines_;
  asio::thread_pool thread_{1};
};

}  // namespace mooring::sessiond
