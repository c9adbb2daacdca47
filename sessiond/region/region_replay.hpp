// Brings what is recent to the region that is used from now on, behind the calls.
//
// What was written and removed goes first, the newest first; then expiries. 32 sessions at a time; one that the region
// refuses, or whose version has not arrived there, is tried again half a second later, until all is there, or another
// region is in use, or stop(). What has become too old to be recent is left out.
#pragma once

#include <deque>
#include <memory>
#include <string>

#include "mooring/base/log.hpp"
#include "mooring/net/task.hpp"
#include "sessiond/region/newest_copies.hpp"

namespace mooring::sessiond {

class region_replay {
 public:
  // All must outlive this, and the executor's run.
  region_replay(newest_copies& copies, const region_switch& where, const clock& time, const logger& log,
                const asio::any_io_executor& executor)
      : copies_(copies), where_(where), time_(time), log_(log), executor_(executor) {}

  // All that is missing in `region`. Takes the place of a replay that runs.
  void start(std::size_t region);
  // One session that is not in the region in use, where it is looked for.
  void later(std::string key);
  bool running() const { return list_ && list_->workers > 0; }
  void stop() { stopping_ = true; }

 private:
  struct replay_list {
    std::size_t region;  // to be stored there
    std::deque<std::string> keys;
    int workers = 0;
  };
  task<void> work_on(std::shared_ptr<replay_list> list);

  newest_copies& copies_;
  const region_switch& where_;
  const clock& time_;
  logger log_;
  asio::any_io_executor executor_;
  std::shared_ptr<replay_list> list_;
  bool stopping_ = false;
};

}  // namespace mooring::sessiond
