// Tells region_route what happens, and everybody else what comes of it: the log, the metrics, who listens. It moves no
// data.
//
//   event                                      told by                        what may come of it
//   the sidecar publishes, avoids a region     state_watch                    a move
//   a look at a region's notice                region_notices, twice a second  a move, a replay
//   a command is answered, or has failed       following_store                a move, a replay
//
// A move is logged as region.followed (to the published region), region.bridged (away from a failing one) or
// region.joined (to where other nodes are). Listeners run inside the call that caused the move. Not synchronised: the
// daemon's one thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "mooring/base/log.hpp"
#include "mooring/base/metrics.hpp"
#include "sessiond/region/region_route.hpp"

namespace mooring::sessiond {

class region_switch {
 public:
  // The primary first; one or two regions. `time` must outlive this. `patience`: for one command with the first region.
  region_switch(std::vector<std::string> names, const clock& time, const logger& log, metrics& registry,
                milliseconds patience);

  // The sidecar's decision. A region that this node does not know is refused with errc::misconfigured.
  result<void> publish(const std::string& region);
  // Sends nothing to this region until then, as if it failed; to no region when the name is empty.
  void avoid(const std::string& region, steady_time until);
  // A look at a region's notice, begun at `started`, or why it could not be looked at.
  void looked(std::size_t region, steady_time started, const result<notice_stamps>& seen);
  // By a process's first look.
  void was_bridged(seconds ago) { route_.was_bridged(ago, time_.steady()); }

  // How a command of `kind` was: begun at `started`, with time until `deadline`.
  struct attempt {
    command_kind kind;
    steady_time started;
    steady_time deadline;
  };
  void answered(std::size_t region, command_kind kind);
  // In a way that is the region's fault. Who had hardly any time does not count.
  void failed(std::size_t region, const attempt& how, const error& why);
  bool had_time(const attempt& how) const { return how.deadline - how.started >= patience_ / 2; }
  // See region_route.
  void lacks_a_write(std::size_t region, const error& why);

  // Told when sessions are in another region from now on.
  void on_move(std::function<void()> listener) { on_move_ = std::move(listener); }
  // Told when what was stored in another region lately has to be stored in this one.
  void on_replay(std::function<void(std::size_t region)> listener) { on_replay_ = std::move(listener); }

  const region_route& route() const { return route_; }
  const std::string& name_of_region(std::size_t region) const { return names_[region]; }
  const std::string& preferred() const { return names_[route_.preferred()]; }
  const std::string& in_use() const { return names_[route_.in_use()]; }
  bool avoids(std::size_t region) const { return route_.avoids(region, time_.steady()); }
  bool failing(std::size_t region) const { return route_.failing(region, time_.steady()); }
  bool bridging() const { return route_.bridging(time_.steady()); }
  bool in_doubt() const { return route_.in_doubt(time_.steady()); }
  std::optional<notice_kind> notice_due(std::size_t region) const { return route_.notice_due(region, time_.steady()); }

 private:
  void follow(const std::string& failure);
  void tell_move(std::size_t from, const std::string& failure);

  std::vector<std::string> names_;
  const clock& time_;
  logger log_;
  milliseconds patience_;
  region_route route_;
  std::function<void()> on_move_ = [] {};
  std::function<void(std::size_t)> on_replay_ = [](std::size_t) {};
  std::vector<counter*> errors_;
  std::vector<gauge*> active_;
  counter& bridged_;
  gauge& doubt_;
};

}  // namespace mooring::sessiond
