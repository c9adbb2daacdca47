// nginx learns the region: the file it includes is written, nginx tests its configuration and reloads.
//
// A reload starts new workers and lets the old ones finish, so no request is lost. When nginx refuses the configuration
// the former file is put back and nothing is reloaded: a broken file must not be found by the next restart of nginx.
// With no publish.nginx_reload somebody else reloads, such as the systemd path unit that comes with Mooring; then the
// file is all that is told.
#pragma once

#include <functional>
#include <string>

#include "mooring/base/clock.hpp"
#include "mooring/base/metrics.hpp"
#include "mooring/net/blocking_worker.hpp"
#include "mooring/settings/settings.hpp"

namespace mooring::sidecar {

// For its file, which a thread writes; while the disk does not answer, nginx is not told.
constexpr milliseconds nginx_file_time{2'000};

class nginx_reload {
 public:
  nginx_reload(const publish_settings& config, const clock& time, const logger& log, metrics& registry);

  // Writes the file and tells nobody. True: it was another one. errc::timed_out: it may be written later.
  task<result<bool>> write(std::string region);

  // False: nginx does not use `region`; the log says why. Does nothing when the file is right already and this object
  // has reloaded nginx since: a former sidecar may have died between the two. `unwanted` ends a command that runs.
  task<bool> publish(std::string region, std::function<bool()> unwanted);

  // A thread waits for the disk: the process has to leave by _Exit.
  bool hangs() const { return disk_.hangs(); }

 private:
  task<result<void>> run(std::vector<std::string> words, const char* setting, std::function<bool()> unwanted);
  task<void> restore(std::string former);
  void report_taken(const std::string& region, bool written);

  const publish_settings& config_;
  const clock& time_;
  logger log_;
  bool reloaded_ = false;  // for what is in the file
  counter& reloads_;
  counter& failures_;
  blocking_worker disk_;
};

}  // namespace mooring::sidecar
