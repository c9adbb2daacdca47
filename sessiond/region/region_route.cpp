#include "sessiond/region/region_route.hpp"

#include <algorithm>
#include <utility>

namespace mooring::sessiond {
namespace {

constexpr int nobodys_wish = 0;
constexpr int published_wish = 1;
constexpr int bridged_wish = 2;
constexpr std::size_t primary = 0;
constexpr int failed_looks_of_a_failing_region = 2;
// Of a look that took longer than usual; one that took less is what is usual now. A busy machine makes single looks
// slow.
constexpr int weight_of_a_slow_look = 16;

}  // namespace

region_route::region_route(std::size_t regions, steady_time now)
    : sides_(regions), doubt_until_(now + notice_life), settled_at_(now) {}

void region_route::publish(std::size_t region) {
  preferred_ = region;
}

void region_route::avoid(std::size_t region, steady_time until) {
  sides_[region].avoided_until = until;
}

void region_route::note_way(side& which, steady_time::duration look_took) {
  const steady_time::duration usual = which.way.value_or(look_took);
  which.way = look_took < usual ? look_took : usual + (look_took - usual) / weight_of_a_slow_look;
}

// From when a notice is given there.
steady_time::duration region_route::time_to_settle(const side& which) {
  const steady_time::duration ways = looks_to_settle * which.way.value_or(steady_time::duration(0));
  return settle_time + std::min<steady_time::duration>(ways, longest_way);
}

void region_route::note_sound(side& which, steady_time now) {
  if (!which.failing_since) return;
  const auto is_out_of_reach = [](const side& each) { return each.failing_since && !each.sound_since; };
  const bool was_blind = std::all_of(sides_.begin(), sides_.end(), is_out_of_reach);
  if (was_blind) settled_at_ = std::max(settled_at_, now + between_notice_looks + time_to_settle(which));
  if (!which.sound_since) which.sound_since = now;
  if (now - *which.sound_since < which.bridge) return;
  // What was stored elsewhere meanwhile may take as long to arrive.
  const steady_time::duration away = now - *which.failing_since;
  const steady_time::duration doubt = std::clamp<steady_time::duration>(away, doubt_time, longest_doubt);
  doubt_until_ = std::max(doubt_until_, now + doubt);
  which.failing_since.reset();
  which.mended_at = now;
}

void region_route::note_failing(side& which, steady_time now) {
  if (which.failing_since || !has_other()) return;
  const bool is_relapse = which.mended_at && now - *which.mended_at < relapse_time;
  which.bridge = is_relapse ? std::min<steady_time::duration>(2 * which.bridge, longest_bridge_time) : bridge_time;
  which.failing_since = now;
}

void region_route::succeeded(std::size_t region, command_kind kind, steady_time now) {
  side& which = sides_[region];
  which.last_answers[static_cast<std::size_t>(kind)] = now;
  note_sound(which, now);
}

void region_route::failed(std::size_t region, command_kind kind, steady_time started, steady_time now) {
  side& which = sides_[region];
  which.sound_since.reset();
  doubt_until_ = std::max(doubt_until_, now + doubt_time);
  const auto answered_since = [&which, started](command_kind asked) {
    const auto& last = which.last_answers[static_cast<std::size_t>(asked)];
    return last && *last >= started;
  };
  const bool reads = kind == command_kind::read && answered_since(command_kind::read);
  const bool answers_others = reads || answered_since(command_kind::write);
  if (!answers_others) note_failing(which, now);
}

void region_route::lacks_a_write(std::size_t region, steady_time now) {
  side& which = sides_[region];
  which.sound_since.reset();
  doubt_until_ = std::max(doubt_until_, now + doubt_time);
  note_failing(which, now);
}

void region_route::was_bridged(steady_time::duration ago, steady_time now) {
  if (has_other()) doubt_until_ = std::max(doubt_until_, now + longest_doubt - ago);
}

void region_route::look_failed(std::size_t region, steady_time now) {
  side& which = sides_[region];
  which.sound_since.reset();
  if (++which.failed_looks < failed_looks_of_a_failing_region) return;
  note_failing(which, now);
  // Looks see by themselves when it is over.
  which.bridge = bridge_time;
}

void region_route::look_refused(std::size_t region, steady_time started) {
  sides_[region].looked = started;
}

void region_route::looked(std::size_t region, steady_time started, const notice_stamps& seen, steady_time now) {
  side& which = sides_[region];
  which.looked = started;
  note_way(which, now - started);
  which.failed_looks = 0;
  note_sound(which, now);
  const bool is_first = !std::exchange(which.knows_notices, true);
  for (std::size_t kind = 0; kind < notice_kinds; ++kind) {
    notice& known = which.notices[kind];
    const std::string& stamp = seen[kind];
    const bool is_new = !is_first && stamp != known.stamp;
    const bool is_over = !is_new && known.changed && now - *known.changed >= notice_life;
    if (is_new) known.changed = now;
    if (is_over || stamp.empty()) known.changed.reset();
    known.stamp = stamp;
  }
}

bool region_route::is_meant(std::size_t region, notice_kind kind) const {
  return sides_[region].notices[static_cast<std::size_t>(kind)].changed.has_value();
}

int region_route::demand(std::size_t region) const {
  if (is_meant(region, notice_kind::bridged)) return bridged_wish;
  const bool own = region == preferred_ && region != primary;
  return own || is_meant(region, notice_kind::published) ? published_wish : nobodys_wish;
}

bool region_route::avoids(std::size_t region, steady_time now) const {
  return sides_[region].avoided_until && now < *sides_[region].avoided_until;
}

bool region_route::failing(std::size_t region, steady_time now) const {
  return sides_[region].failing_since || avoids(region, now);
}

bool region_route::is_mending(std::size_t region, steady_time now) const {
  return sides_[region].sound_since && !avoids(region, now);
}

std::size_t region_route::best(steady_time now) const {
  if (!has_other()) return preferred_;
  const std::size_t other = other_than(preferred_);
  if (failing(other, now)) return failing(preferred_, now) ? better_of_failing(now) : preferred_;
  // A region that answers again is not left any more.
  if (failing(preferred_, now) && (in_use_ == other || !is_mending(preferred_, now))) return other;
  return demand(other) > demand(preferred_) ? other : preferred_;
}

// One that answers again, and of two the one where others have to be; else the preferred one, where the others are as
// far as this node knows.
std::size_t region_route::better_of_failing(steady_time now) const {
  const std::size_t other = other_than(preferred_);
  if (!is_mending(other, now)) return preferred_;
  const bool is_only_one = !is_mending(preferred_, now);
  return is_only_one || is_meant(other, notice_kind::bridged) ? other : preferred_;
}

region_route::change region_route::follow(steady_time now) {
  change out;
  const std::size_t use = best(now);
  out.moved = use != in_use_;
  in_use_ = use;
  if (out.moved) {
    doubt_until_ = std::max(doubt_until_, now + doubt_time);
    settled_at_ = now + time_to_settle(sides_[use]);
  }
  const bool others_lack_it = has_other() && (failing(other_than(use), now) || is_meant(use, notice_kind::bridged));
  out.must_replay = others_lack_it && (out.moved || !replay_wanted_);
  replay_wanted_ = others_lack_it;
  return out;
}

bool region_route::in_doubt(steady_time now) const {
  if (!has_other()) return false;
  if (now < doubt_until_ || in_use_ != preferred_) return true;
  for (const side& which : sides_) {
    const bool is_known = which.looked && now - *which.looked < look_life;
    if (!is_known) return true;
  }
  return demand(other_than(in_use_)) != nobodys_wish;
}

std::optional<notice_kind> region_route::meant(std::size_t region, steady_time now) const {
  const bool is_out_of_reach = failing(region, now) && !is_mending(region, now);
  if (!has_other() || region != in_use_ || is_out_of_reach) return std::nullopt;
  if (failing(other_than(region), now)) return notice_kind::bridged;
  if (region == preferred_ && region != primary) return notice_kind::published;
  return std::nullopt;
}

std::optional<notice_kind> region_route::notice_due(std::size_t region, steady_time now) const {
  const std::optional<notice_kind> kind = meant(region, now);
  if (!kind) return std::nullopt;
  const notice& known = sides_[region].notices[static_cast<std::size_t>(*kind)];
  const bool is_new_enough = known.changed && now - *known.changed < notice_refresh;
  return is_new_enough ? std::nullopt : kind;
}

}  // namespace mooring::sessiond
