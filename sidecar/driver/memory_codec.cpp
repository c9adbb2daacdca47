#include "memory_codec.hpp"

#include <algorithm>

#include "mooring/base/json.hpp"

namespace mooring::sidecar {
namespace {

using nlohmann::json;

constexpr std::int64_t largest_number = std::int64_t{1} << 62;
constexpr milliseconds longest_ttl = std::chrono::hours(24 * 7);  // longest_pin of failover_machine.hpp

error bad(const std::string& what) {
  return error(errc::bad_data, what);
}

json as_json(const moment& when) {
  // A wall clock that was set back to 1970 makes times before it, which would not be read again.
  const auto wall_ms = std::chrono::duration_cast<milliseconds>(when.wall.time_since_epoch()).count();
  return {{"steady_ns", when.steady.time_since_epoch().count()}, {"wall_ms", std::max<std::int64_t>(wall_ms, 0)}};
}

// Reads members of one object; after the first that is wrong the others are not looked at.
class member_reader {
 public:
  member_reader(const json& from, std::string& fault) : from_(from), fault_(fault) {
    if (!from.is_object()) fail("an object is missing");
  }

  const json* member(const char* name) {
    if (!fault_.empty()) return nullptr;
    const auto found = from_.find(name);
    return found == from_.end() ? nullptr : &*found;
  }
  void text(const char* name, std::string& into) {
    const json* found = needed(name);
    if (found == nullptr) return;
    if (found->is_string())
      into = found->get<std::string>();
    else
      fail(std::string("\"") + name + "\" is no text");
  }
  std::int64_t number(const char* name, std::int64_t least = 0) {
    const json* found = needed(name);
    if (found == nullptr) return 0;
    if (found->is_number_integer()) {
      const auto value = found->is_number_unsigned() && found->get<std::uint64_t>() > largest_number
                             ? largest_number
                             : found->get<std::int64_t>();
      if (value >= least && value < largest_number) return value;
    }
    fail(std::string("\"") + name + "\" is no number that can be right");
    return 0;
  }
  // Absent: false.
  bool flag(const char* name) {
    const json* found = member(name);
    if (found != nullptr && !found->is_boolean()) fail(std::string("\"") + name + "\" is neither true nor false");
    return found != nullptr && found->is_boolean() && found->get<bool>();
  }
  moment instant(const char* name) {
    moment out;
    const json* found = needed(name);
    if (found == nullptr) return out;
    member_reader parts(*found, fault_);
    // Times this far in the future would overflow when something is added to them.
    constexpr std::int64_t latest_ms = std::int64_t{1} << 42;
    const std::int64_t wall_ms = parts.number("wall_ms");
    // What is older than the boot lies before the steady clock's zero.
    out.steady = steady_time(std::chrono::nanoseconds(parts.number("steady_ns", -largest_number)));
    if (wall_ms > latest_ms) fail(std::string("\"") + name + "\" is too late");
    out.wall = wall_time(milliseconds(std::min(wall_ms, latest_ms)));
    return out;
  }
  void fail(const std::string& what) {
    if (fault_.empty()) fault_ = what;
  }

 private:
  const json* needed(const char* name) {
    const json* found = member(name);
    if (found == nullptr && fault_.empty()) fail(std::string("\"") + name + "\" is missing");
    return found;
  }

  const json& from_;
  std::string& fault_;
};

void read_pin(const json& from, machine_state& out, std::string& fault) {
  member_reader in(from, fault);
  region_pin pin;
  in.text("region", pin.region);
  in.text("reason", pin.reason);
  pin.ttl = milliseconds(std::min<std::int64_t>(in.number("ttl_ms"), longest_ttl.count()));
  pin.until = in.instant("until");
  out.pin = pin;
}

void read_unpublished(const json& from, machine_state& out, std::string& fault) {
  member_reader in(from, fault);
  region_move move;
  in.text("from", move.from);
  in.text("to", move.to);
  move.epoch = static_cast<region_epoch>(in.number("epoch"));
  in.text("reason", move.reason);
  move.by_drill = in.flag("by_drill");
  out.unpublished = move;
}

void read_moves(const json& from, move_memory& out, std::string& fault) {
  member_reader in(from, fault);
  out.flaps = static_cast<int>(std::min<std::int64_t>(in.number("flaps"), 64));
  if (in.member("placed") != nullptr) out.placed = in.instant("placed");
  const json* automatic = in.member("automatic");
  if (automatic == nullptr || !automatic->is_array() || automatic->size() > max_remembered_moves) {
    in.fail("\"automatic\" is no list of moves");
    return;
  }
  for (const json& entry : *automatic) {
    const json holder{{"at", entry}};
    out.automatic.push_back(member_reader(holder, fault).instant("at"));
  }
}

}  // namespace

std::string encode_memory(const machine_state& state) {
  json moves{{"automatic", json::array()}, {"flaps", state.moves.flaps}};
  for (const moment& move : state.moves.automatic)
    moves["automatic"].push_back(as_json(move));
  if (state.moves.placed) moves["placed"] = as_json(*state.moves.placed);
  json out{{"boot_id", state.boot_id},
           {"epoch", state.epoch},
           {"active", state.active},
           {"mode", name_of(state.mode)},
           {"since", as_json(state.since)},
           {"reason", state.reason},
           {"away_by_drill", state.away_by_drill},
           {"moves", moves}};
  if (state.pin)
    out["pin"] = {{"region", state.pin->region},
                  {"reason", state.pin->reason},
                  {"ttl_ms", state.pin->ttl.count()},
                  {"until", as_json(state.pin->until)}};
  if (state.unpublished)
    out["unpublished"] = {{"from", state.unpublished->from},
                          {"to", state.unpublished->to},
                          {"epoch", state.unpublished->epoch},
                          {"reason", state.unpublished->reason},
                          {"by_drill", state.unpublished->by_drill}};
  return json_page(out);
}

result<machine_state> parse_memory(std::string_view text) {
  if (text.size() > max_memory_bytes)
    return error(errc::too_large, "larger than " + std::to_string(max_memory_bytes) + " bytes");
  const json parsed = parse_json(text);
  if (!parsed.is_object()) return bad("it is no JSON object");
  machine_state out;
  std::string fault;
  member_reader in(parsed, fault);
  in.text("boot_id", out.boot_id);
  out.epoch = static_cast<region_epoch>(in.number("epoch"));
  in.text("active", out.active);
  std::string mode;
  in.text("mode", mode);
  const auto known = region_mode_named(mode);
  if (known)
    out.mode = *known;
  else
    in.fail("\"mode\" is unknown");
  out.since = in.instant("since");
  in.text("reason", out.reason);
  out.away_by_drill = in.flag("away_by_drill");
  if (const json* pin = in.member("pin")) read_pin(*pin, out, fault);
  if (const json* move = in.member("unpublished")) read_unpublished(*move, out, fault);
  if (const json* moves = in.member("moves")) read_moves(*moves, out.moves, fault);
  if (out.epoch > largest_epoch) in.fail("\"epoch\" is too large");
  if (!fault.empty()) return bad(fault);
  return out;
}

}  // namespace mooring::sidecar
