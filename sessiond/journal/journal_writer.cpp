#include "sessiond/journal/journal_writer.hpp"

#include <algorithm>

#include "mooring/net/blocking.hpp"

namespace mooring::sessiond {
namespace {

struct disk_job {
  std::vector<journal_change> changes;
  bool durable = false;
  double seconds = 0;
};

}  // namespace

journal_writer::journal_writer(const asio::any_io_executor& executor, std::unique_ptr<journal_file> file,
                               const clock& time, const logger& log, histogram& fsync_seconds, owner& rows)
    : executor_(executor),
      file_(std::move(file)),
      time_(time),
      log_(log),
      fsync_seconds_(fsync_seconds),
      rows_(rows),
      pause_(executor) {}

journal_writer::~journal_writer() {
  thread_.join();
}

task<result<void>> journal_writer::write(journal_row row, steady_time deadline) {
  if (const auto refused = refusal()) co_return *refused;
  const std::string key = row.key;
  queue().rows[key] = std::move(row);
  start();
  co_return co_await wait_for(queued_, key, deadline);
}

task<result<void>> journal_writer::settle(std::string key, steady_time deadline) {
  if (const auto refused = refusal()) co_return *refused;
  queue().corrections[key] = true;
  start();
  co_return co_await wait_for(queued_, key, deadline);
}

void journal_writer::correct(const std::string& key, bool durably) {
  bool& must_be_durable = queue().corrections[key];
  must_be_durable = must_be_durable || durably;
  start();
}

void journal_writer::stop() {
  stopping_ = true;
  pause_.cancel();
}

std::optional<error> journal_writer::refusal() const {
  if (failing_) return failing_;
  if (busy_since_ && time_.steady() - *busy_since_ > disk_patience)
    return error(errc::timed_out,
                 "journal: the disk takes longer than " + std::to_string(disk_patience.count()) + " ms to write");
  return std::nullopt;
}

journal_writer::batch& journal_writer::queue() {
  if (!queued_) queued_ = std::make_shared<batch>();
  return *queued_;
}

void journal_writer::start() {
  if (running_) return;
  running_ = true;
  spawn(executor_, log_, "journal", write_batches());
}

// Whoever leaves before the end takes its row back: whether it was written is not known until the disk answers, and
// then it is brought in line with what became of it.
task<result<void>> journal_writer::wait_for(shared_batch queued, std::string key, steady_time deadline) {
  const auto patience = std::min<steady_time::duration>(disk_patience, deadline - time_.steady());
  asio::steady_timer until(executor_, patience);
  queued->waiting.push_back(&until);
  co_await until.async_wait(nothrow);
  if (queued->is_over) co_return queued->outcome;
  std::erase(queued->waiting, &until);
  if (queued->rows.erase(key) > 0) correct(key, true);
  co_return error(errc::timed_out, "journal: the disk did not answer in time");
}

task<void> journal_writer::write_batches() {
  // Whoever is about to commit in this turn of the loop goes into the first batch.
  co_await asio::post(executor_, asio::use_awaitable);
  while (queued_) {
    if (failing_ && !stopping_) {
      pause_.expires_after(disk_pause);
      co_await pause_.async_wait(nothrow);
    }
    const shared_batch writing = std::exchange(queued_, nullptr);
    const auto job = std::make_shared<disk_job>();
    job->durable = !writing->rows.empty();
    for (const auto& [key, row] : writing->rows)
      job->changes.push_back({key, row});
    for (const auto& [key, durably] : writing->corrections) {
      if (writing->rows.count(key) != 0) continue;
      const journal_row* row = rows_.row_of(key);
      job->changes.push_back({key, row == nullptr ? std::nullopt : std::optional(*row)});
      job->durable = job->durable || durably || row != nullptr;
    }
    const auto apply = [this, job] {
      const auto started = std::chrono::steady_clock::now();
      auto outcome = file_->apply(job->changes, job->durable);
      job->seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
      return outcome;
    };
    busy_since_ = time_.steady();
    writing->outcome = co_await run_blocking(thread_, apply);
    busy_since_.reset();
    if (job->durable) fsync_seconds_.observe(job->seconds);
    finish(*writing);
    if (failing_ && stopping_) break;
  }
  running_ = false;
}

void journal_writer::finish(batch& written) {
  written.is_over = true;
  if (written.outcome) {
    if (failing_) log_.info("journal.disk_is_back");
    failing_.reset();
    for (auto& [key, row] : written.rows)
      rows_.is_kept(std::move(row));
  } else {
    failing_ = written.outcome.error();
    if (const auto left_out = lines_.admit(time_.steady()))
      log_.warn("journal.disk_failed", "reason", failing_->detail(), "left_out", *left_out);
    // Rows that were refused may be on the disk all the same.
    for (const auto& [key, row] : written.rows)
      queue().corrections.emplace(key, false);
    queue().corrections.merge(written.corrections);
  }
  for (asio::steady_timer* waiter : written.waiting)
    waiter->cancel();
}

}  // namespace mooring::sessiond
