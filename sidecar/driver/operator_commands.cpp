#include "operator_commands.hpp"

namespace mooring::sidecar {
namespace {

constexpr const char* region_is_fixed = "ERR the region is fixed; set sessions.store = \"dynamodb\"";

// Seconds of a command may be more than fit into milliseconds.
std::optional<error> objection_to(const char* what, std::int64_t asked, milliseconds longest) {
  const auto limit = std::chrono::duration_cast<seconds>(longest).count();
  if (asked <= limit) return std::nullopt;
  return error(errc::invalid_argument, std::string(what) + " lasts " + std::to_string(limit) + " seconds at most");
}

}  // namespace

result<machine_event> wish_of(const control_command& command) {
  if (const auto* pin = std::get_if<pin_command>(&command)) {
    if (const auto objection = objection_to("a pin", pin->seconds, longest_pin)) return *objection;
    return machine_event(pin_request{pin->region, seconds(pin->seconds), pin->reason});
  }
  if (const auto* drill = std::get_if<drill_command>(&command)) {
    if (const auto objection = objection_to("a drill", drill->seconds, longest_drill)) return *objection;
    return machine_event(drill_request{drill->region, seconds(drill->seconds)});
  }
  if (std::holds_alternative<unpin_command>(command)) return machine_event(unpin_request());
  return machine_event(undrill_request());
}

task<std::string> operator_commands::answer(control_command command) {
  if (std::holds_alternative<status_command>(command)) co_return on_.status();
  if (const auto* drain = std::get_if<drain_command>(&command)) {
    log_.warn(drain->drain ? "node.drained" : "node.undrained", "by", "operator");
    on_.set_draining(drain->drain);
    co_return "OK";
  }
  if (on_.regions == nullptr) co_return region_is_fixed;
  co_return co_await ask(std::move(command));
}

task<std::string> operator_commands::ask(control_command command) {
  const auto wish = wish_of(command);
  if (!wish) co_return "ERR " + wish.error().detail();
  machine_event event = *wish;
  const auto done = co_await on_.regions->ask(std::move(event));
  if (!done) co_return "ERR " + done.error().detail();
  log_done(command);
  co_return "OK";
}

void operator_commands::log_done(const control_command& command) {
  if (const auto* pin = std::get_if<pin_command>(&command))
    log_.warn("region.pinned", "region", pin->region, "seconds", pin->seconds, "reason", pin->reason);
  else if (const auto* drill = std::get_if<drill_command>(&command))
    log_.warn("region.drilled", "region", drill->region, "seconds", drill->seconds);
  else
    log_.warn(std::holds_alternative<unpin_command>(command) ? "region.unpinned" : "region.drill_ended_by_operator");
}

}  // namespace mooring::sidecar
