#include "log_writer.hpp"

#include <pthread.h>

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace mooring {
namespace {

// Signals are for the loop's thread, and a reader that closed its pipe is an error of write().
void block_all_signals() {
  sigset_t all;
  sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace

struct log_writer::shared_queue {
  struct entry {
    std::uint64_t dropped_before = 0;
    std::string line;
  };

  std::mutex mutex;
  std::condition_variable filled;
  std::condition_variable written;
  std::deque<entry> lines;
  std::uint64_t dropped = 0;  // since the newest line of the queue
  bool stopping = false;
  std::string notice_prefix;
  std::atomic<std::size_t> unwritten{0};

  // What is to be written next. Nothing: the writer is destroyed, and all is written.
  std::optional<entry> next() {
    std::unique_lock hold(mutex);
    filled.wait(hold, [this] { return stopping || !lines.empty() || dropped > 0; });
    if (lines.empty() && dropped == 0) return std::nullopt;
    // What was dropped is newer than all that is queued.
    if (lines.empty()) return entry{std::exchange(dropped, 0), ""};
    entry first = std::move(lines.front());
    lines.pop_front();
    return first;
  }

  void wrote(std::size_t count) {
    const std::lock_guard hold(mutex);
    unwritten -= count;
    if (unwritten == 0) written.notify_all();
  }
};

log_writer::log_writer(std::function<void(std::string_view)> write, std::string drop_notice_prefix)
    : queue_(std::make_shared<shared_queue>()) {
  queue_->notice_prefix = std::move(drop_notice_prefix);
  std::thread([queue = queue_, write = std::move(write)] { run(queue, write); }).detach();
}

log_writer::~log_writer() {
  flush();
  const std::lock_guard hold(queue_->mutex);
  queue_->stopping = true;
  queue_->filled.notify_all();
}

void log_writer::put(std::string line) {
  const std::lock_guard hold(queue_->mutex);
  if (queue_->lines.size() >= max_queued_lines) {
    // One notice is to be written for all that are dropped together.
    if (queue_->dropped++ == 0) ++queue_->unwritten;
    return;
  }
  queue_->lines.push_back({std::exchange(queue_->dropped, 0), std::move(line)});
  ++queue_->unwritten;
  queue_->filled.notify_one();
}

bool log_writer::flush() {
  std::unique_lock hold(queue_->mutex);
  return queue_->written.wait_for(hold, flush_time, [this] { return queue_->unwritten == 0; });
}

std::size_t log_writer::unwritten() const {
  return queue_->unwritten;
}

void log_writer::run(const std::shared_ptr<shared_queue>& queue, const std::function<void(std::string_view)>& write) {
  block_all_signals();
  while (auto entry = queue->next()) {
    std::size_t count = 0;
    if (entry->dropped_before > 0) {
      ++count;
      write(queue->notice_prefix + "level=warn event=log.dropped lines=" + std::to_string(entry->dropped_before) +
            "\n");
    }
    if (!entry->line.empty()) {
      ++count;
      write(entry->line);
    }
    queue->wrote(count);
  }
}

}  // namespace mooring
