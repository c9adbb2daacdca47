#include "machine_state.hpp"

#include <algorithm>
#include <utility>

namespace mooring::sidecar {
namespace {

// Moves saved times to the clocks of now.
class time_bridge {
 public:
  time_bridge(bool same_boot, moment now) : same_boot_(same_boot), now_(now) {}

  moment past(moment then) const {
    const steady_time::duration age = same_boot_
                                          ? now_.steady - then.steady
                                          : std::chrono::duration_cast<steady_time::duration>(now_.wall - then.wall);
    return before_now(std::max(age, steady_time::duration(0)));
  }

  // At most `longest` from now, and not in the past.
  moment future(moment then, milliseconds longest) const {
    const steady_time::duration left = same_boot_
                                           ? then.steady - now_.steady
                                           : std::chrono::duration_cast<steady_time::duration>(then.wall - now_.wall);
    return before_now(-std::clamp<steady_time::duration>(left, steady_time::duration(0), longest));
  }

 private:
  moment before_now(steady_time::duration age) const {
    moment out;
    out.steady = now_.steady - age;
    out.wall = now_.wall - std::chrono::duration_cast<wall_time::duration>(age);
    return out;
  }

  bool same_boot_;
  moment now_;
};

}  // namespace

machine_state brought_to(machine_state saved, const std::string& boot_id, moment now) {
  const time_bridge bridge(saved.boot_id == boot_id && !boot_id.empty(), now);
  saved.boot_id = boot_id;
  saved.since = bridge.past(saved.since);
  if (saved.pin) saved.pin->until = bridge.future(saved.pin->until, saved.pin->ttl);
  for (moment& made : saved.moves.automatic)
    made = bridge.past(made);
  // A wall clock that was set in between may have turned their order.
  std::sort(saved.moves.automatic.begin(), saved.moves.automatic.end(),
            [](const moment& a, const moment& b) { return a.steady < b.steady; });
  if (saved.moves.placed) saved.moves.placed = bridge.past(*saved.moves.placed);
  return saved;
}

machine_state newest_of(machine_state saved, const std::optional<region_state>& published) {
  if (!published || published->epoch <= saved.epoch) return saved;
  saved.epoch = published->epoch;
  if (saved.active == published->active) return saved;
  // What was saved is out of date, and only the wall clock has an idea by how much. Whether nginx and the hooks were
  // told is not known, so they are told.
  saved.unpublished.reset();
  if (!saved.active.empty()) {
    region_move& untold = saved.unpublished.emplace();
    untold.from = saved.active;
    untold.to = published->active;
    untold.epoch = published->epoch;
    untold.reason = published->reason;
    untold.by_drill = published->avoided.has_value();
  }
  saved.boot_id.clear();
  saved.active = published->active;
  saved.mode = published->mode;
  saved.since.wall = published->since;
  saved.moves.placed = saved.since;
  saved.reason = published->reason;
  saved.pin.reset();
  saved.away_by_drill = published->avoided.has_value();
  return saved;
}

}  // namespace mooring::sidecar
