// Follows the state file that the sidecar publishes (region_file.hpp).
//
// The file is looked at four times a second rather than watched by inotify: its folder may come and go with the
// sidecar, and a look is one stat() on a RAM disk. A file that is missing, damaged or older than what was seen changes
// nothing; the last is logged once for each content.
#pragma once

#include <sys/stat.h>

#include <boost/asio/steady_timer.hpp>
#include <string>

#include "mooring/net/task.hpp"
#include "mooring/region_file/epoch_guard.hpp"
#include "sessiond/region/region_switch.hpp"

namespace mooring::sessiond {

class state_watch {
 public:
  // `where` and `time` must outlive the watch.
  state_watch(std::string file, region_switch& where, const logger& log, const clock& time,
              const asio::any_io_executor& executor);

  // One look, now.
  void look();

  // Looks again and again, until stop().
  task<void> run();
  void stop();

  region_epoch epoch() const { return guard_.last() ? guard_.last()->epoch : 0; }

 private:
  bool has_changed();
  void follow(const region_state& state);
  void avoid(const avoided_region& drilled);

  std::string file_;
  region_switch& where_;
  logger log_;
  const clock& time_;
  asio::steady_timer pause_;
  epoch_guard guard_;
  struct ::stat seen_ = {};
  bool unreadable_ = false;
  std::string avoided_;  // for a drill; empty: none
  bool stopping_ = false;
};

}  // namespace mooring::sessiond
