// One visitor of a drill: a session of its own that he opens, compares with what was acknowledged, and stores again.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <set>
#include <string>

#include "ctl/report/drill_report.hpp"
#include "mooring/sessiond_client/sessiond_client.hpp"

namespace mooring::ctl {

struct drill_visit {
  steady_time begun;
  steady_time ended;
  std::string failure;  // empty: it succeeded
};

class drill_shopper {
 public:
  using listener = std::function<void(const drill_visit&)>;

  // `patience`: with one command. `on_visit` hears of each visit.
  drill_shopper(const asio::any_io_executor& executor, const settings& config, std::string name, std::string id,
                const clock& time, listener on_visit);

  // Stores the session for the first time.
  task<result<void>> begin();
  // Visits, one each `interval`, the first one at `first`, until stop().
  task<void> shop(steady_time first, milliseconds interval);
  void stop();
  // What was acknowledged is there. An error: that cannot be told.
  task<result<void>> look();
  task<result<void>> remove();

  // What is missing or older than acknowledged; empty: nothing ever was.
  const std::string& loss() const { return loss_; }

 private:
  task<std::string> visit();
  void compare(const resp_reply& data);
  steady_time soon() const;

  const settings& config_;
  std::string name_;
  std::string id_;
  const clock& time_;
  listener on_visit_;
  sessiond_client link_;
  asio::steady_timer pause_;
  bool stopping_ = false;
  int number_ = 0;                    // of the last write
  bool is_stored_ = false;            // a write was acknowledged
  std::set<std::string> acceptable_;  // what may be stored: the acknowledged data, and what was sent since
  std::string loss_;
};

}  // namespace mooring::ctl
