// Runs the hooks of a folder for one move, one after the other, each until it succeeds or is given up.
//
// A hook is an executable, run without a shell, with MOORING_FROM, MOORING_TO, MOORING_EPOCH, MOORING_REASON and
// MOORING_NODE in its environment, and of the daemon's own variables those that hook_environment.hpp names: no password
// of the daemon is among them.
//
//   | it                                            | then                                            |
//   |-----------------------------------------------|-------------------------------------------------|
//   | exits with 0                                  | done                                            |
//   | exits with 75 (EX_TEMPFAIL), is ended by a    | tried again after a pause that doubles, up to   |
//   | signal, or runs out of time (SIGTERM, and     | longest_hook_pause; hooks.tries times in all    |
//   | SIGKILL after hook_term_grace)                |                                                 |
//   | exits with anything else                      | failed for good; the end of its standard error  |
//   |                                               | is logged                                       |
//
// One that fails does not keep the next from running. A newer move ends the tries of an older one, and the pause
// between them; who may not go on at all ends the hook that runs, too. Nothing here blocks the loop: the folder is read
// by a thread. One io_context thread; one run() at a time.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "mooring/base/clock.hpp"
#include "mooring/base/metrics.hpp"
#include "mooring/net/blocking_worker.hpp"
#include "mooring/settings/settings.hpp"
#include "sidecar/failover/machine_state.hpp"

namespace mooring::sidecar {

// From SIGTERM to SIGKILL.
constexpr milliseconds hook_term_grace{2'000};
// No pause between two tries is longer, unless hooks.retry_pause is.
constexpr milliseconds longest_hook_pause{600'000};
constexpr milliseconds hook_folder_time{2'000};
// Between two looks at a folder whose disk does not answer.
constexpr milliseconds hook_folder_pause{5'000};

// The pause after one of `pause`.
constexpr milliseconds next_hook_pause(milliseconds pause) {
  return pause >= longest_hook_pause ? pause : std::min(2 * pause, longest_hook_pause);
}

enum class hook_kind { node, fleet };
const char* name_of(hook_kind kind);

class hook_runner {
 public:
  // `node` is the host's name.
  hook_runner(const hook_settings& config, std::string node, const clock& time, const logger& log, metrics& registry)
      : config_(config), node_(std::move(node)), time_(time), log_(log), registry_(registry) {}

  const std::string& folder(hook_kind kind) const {
    return kind == hook_kind::node ? config_.node_folder : config_.fleet_folder;
  }

  // The names of the hooks there are, in their order. What is refused, and a folder that cannot be read, is logged. A
  // folder whose disk does not answer is read again until it does, or until `outdated`: then there are none.
  task<std::vector<std::string>> find(hook_kind kind, std::function<bool()> outdated);

  // A thread waits for the disk: the process has to leave by _Exit.
  bool hangs() const { return disk_.hangs(); }

  // Runs those that find() gave. True: all succeeded. `outdated` is asked before each try and while a pause lasts,
  // `forbidden` all the time.
  task<bool> run(hook_kind kind, std::vector<std::string> names, region_move move, std::function<bool()> outdated,
                 std::function<bool()> forbidden);

 private:
  enum class attempt { done, again, failed, abandoned };
  task<bool> run_one(hook_kind kind, std::string name, region_move move, std::function<bool()> outdated,
                     std::function<bool()> forbidden);
  task<attempt> run_once(hook_kind kind, std::string name, region_move move, std::function<bool()> forbidden);
  void count(hook_kind kind, const std::string& name, const char* result);

  const hook_settings& config_;
  std::string node_;
  const clock& time_;
  logger log_;
  metrics& registry_;
  std::map<std::string, counter*> results_;  // by kind, name and result
  blocking_worker disk_{"the disk of the hooks"};
};

}  // namespace mooring::sidecar
