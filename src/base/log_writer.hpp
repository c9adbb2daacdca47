// Lines of the log on their way to standard error, by a thread of their own.
//
// Standard error may be a pipe that nobody empties or a file on a disk that hangs, and write() to either can wait for
// ever. So put() never waits: it hands the line over to the thread. At most max_queued_lines wait there, besides the
// one that is being written. When there is no room the new line is dropped, the older ones stay, and one line in its
// place tells how many were dropped:
//
//   level=warn event=log.dropped lines=12
//
// Any thread may call put() and flush(). `write` is called by the writer's thread only, one line at a time, each with
// its line feed. Destroying the writer waits for what is queued, for flush_time at most: a thread that hangs in `write`
// is left behind, and what `write` refers to must bear that.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "mooring/base/clock.hpp"

namespace mooring {

class log_writer {
 public:
  static constexpr std::size_t max_queued_lines = 1024;  // of 4 KiB at most
  // How long an end of the process waits for its log.
  static constexpr milliseconds flush_time{500};

  // `drop_notice_prefix` stands before the line about dropped ones: the journal's priority.
  explicit log_writer(std::function<void(std::string_view)> write, std::string drop_notice_prefix = "");
  ~log_writer();
  log_writer(const log_writer&) = delete;
  log_writer& operator=(const log_writer&) = delete;

  void put(std::string line);

  // Whether all lines so far have been written; waits for that until flush_time is over.
  bool flush();

  // Lines that are not written yet. Lock-free, for a handler of signals.
  std::size_t unwritten() const;

 private:
  struct shared_queue;
  static void run(const std::shared_ptr<shared_queue>& queue, const std::function<void(std::string_view)>& write);

  std::shared_ptr<shared_queue> queue_;
};

}  // namespace mooring
