// The two files of the region, written off the event loop, in an order that a crash at any point survives.
//
//   | first                 | then                         | after a crash between the two                     |
//   |-----------------------|------------------------------|---------------------------------------------------|
//   | memory file, epoch N  | state file, epoch N          | the next start publishes N; a pin is known        |
//   | state file, epoch N   | nginx and hooks for N        | the next start tells them: the move is not done   |
//   | the hooks have ended  | memory file without the move | the next start runs them once more                |
//   | both files            | the operator's "OK"          | what was asked holds, though no answer has come   |
//
// The memory file may be on a disk that fails or hangs, and then the region has to move all the same:
//
//   | the disk of  | fails                                             | has not answered                       |
//   |--------------|---------------------------------------------------|----------------------------------------|
//   | memory file  | publication goes on; the next start takes region  | the same, after memory_file_time, or   |
//   |              | and epoch from the state file and forgets a pin;  | at once while an earlier write hangs   |
//   |              | it is written again every memory_retry_pause      |                                        |
//   | state file   | reported as not published: the machine publishes  | the same, after state_file_time        |
//   |              | again, and nobody is told until then              |                                        |
//
// Each file has a thread of its own and at most one write in flight. What comes meanwhile waits, and the newest
// replaces what waits: each publication carries the move that nobody has confirmed. So a late write is never newer than
// the next one, and the epoch in the file never goes back. One io_context thread.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <optional>

#include "mooring/base/metrics.hpp"
#include "mooring/net/blocking_worker.hpp"
#include "mooring/settings/settings.hpp"
#include "sidecar/failover/failover_machine.hpp"

namespace mooring::sidecar {

constexpr milliseconds memory_file_time{1'000};
constexpr milliseconds state_file_time{2'000};
constexpr milliseconds memory_retry_pause{10'000};

class region_files {
 public:
  // Hears what became of each publication that was tried.
  using listener = std::function<void(const region_publication&, const result<void>&)>;

  // `on_published` is called on the executor, and may call write().
  region_files(const region_settings& config, const clock& time, const logger& log, metrics& registry,
               const asio::any_io_executor& executor, listener on_published);

  // What the last process has left, before run(). An error when the state file cannot be read, so that a person has to
  // act. A memory file that cannot be read is logged and counts as lost.
  task<result<machine_state>> read();

  // Returns at once. Both belong to one epoch where both are given.
  void write(const std::optional<machine_state>& memory, const std::optional<region_publication>& publication);

  // One round: writes what waits, in the order above. The error is the publication's. For the start, before run().
  task<result<void>> write_waiting();

  // Waits until what was given to write() has been tried, 2 * (memory_file_time + state_file_time) at most.
  task<void> settled();

  // Until stop(), which tries once more what waits: memory_file_time + state_file_time at most.
  task<void> run();
  void stop();

  // A thread waits for a disk: the process has to leave by _Exit.
  bool hangs() const { return memory_disk_.hangs() || state_disk_.hangs(); }

 private:
  task<void> save(std::string memory);
  task<result<void>> publish(region_publication publication);
  bool is_due() const;

  std::string memory_file_;
  std::string state_file_;
  const clock& time_;
  logger log_;
  listener on_published_;
  counter& memory_failures_;
  asio::steady_timer wake_;
  asio::steady_timer round_over_;
  std::optional<std::string> memory_;    // waits to be written
  std::optional<steady_time> retry_at_;  // when `memory_` has failed
  std::optional<region_publication> publication_;
  std::uint64_t asked_ = 0;
  std::uint64_t tried_ = 0;  // of those asked
  bool stopping_ = false;
  bool ended_ = false;
  blocking_worker memory_disk_;
  blocking_worker state_disk_;
};

}  // namespace mooring::sidecar
