// A drill from its first session to its last: traffic of its own, the drill, and what was seen meanwhile.
//
//   sessions -> traffic before -> "drill" to the sidecar -> its end -> traffic after -> look -> sessions removed
//
// SIGINT and SIGTERM end it: the drill, the traffic, and the sessions. Whatever becomes of this process, the sidecar
// ends the drill at its time, and the sessions expire.
#pragma once

#include <boost/asio/signal_set.hpp>
#include <deque>
#include <memory>

#include "ctl/drill_shopper.hpp"
#include "ctl/progress.hpp"
#include "mooring/region_file/region_state.hpp"

namespace mooring::ctl {

constexpr std::int64_t max_drill_sessions = 200;
constexpr std::int64_t max_drill_rate = 200;  // requests a second

struct drill_terms {
  std::string region;
  std::string other;
  bool is_in_use = true;
  milliseconds time{0};
  std::int64_t sessions = 0;
  std::int64_t rate = 0;
  bool wait_back = false;
};

class drill_run {
 public:
  // All references must outlive the run.
  drill_run(const asio::any_io_executor& executor, const settings& config, drill_terms terms, const clock& time,
            const logger& log);

  // An error: there was no drill; sessions that were made are removed.
  task<result<drill_facts>> run();

 private:
  task<void> wait_for_signal();
  task<result<void>> make_sessions();
  void open_shop();
  task<void> shop(std::size_t number, steady_time first, milliseconds interval);
  task<void> close_shop();
  task<result<void>> drill();
  task<void> wait_for_end(steady_time due);
  task<void> watch();
  task<bool> has_followed(sessiond_client& link);
  void note_state(const region_state& state);
  task<void> wait_for_way_back();
  task<void> look();
  task<void> remove_sessions();
  void note_visit(const drill_visit& made);
  void note_example(const std::string& what);
  task<void> pause(steady_time until);
  milliseconds since_begin() const;
  std::string way_back() const;

  asio::any_io_executor executor_;
  const settings& config_;
  drill_terms terms_;
  const clock& time_;
  logger log_;
  progress_lines progress_;
  asio::signal_set signals_;
  asio::steady_timer pause_;
  asio::steady_timer others_ended_;
  drill_facts facts_;
  std::deque<drill_shopper> shoppers_;
  std::size_t running_ = 0;  // tasks beside run()
  bool watching_ = false;
  std::optional<steady_time> begun_;
  std::optional<steady_time> ended_;
  std::optional<region_state> state_;
};

}  // namespace mooring::ctl
