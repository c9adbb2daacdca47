#include <iostream>

#include "ctl/commands.hpp"
#include "ctl/daemons.hpp"
#include "ctl/orders.hpp"
#include "ctl/published_region.hpp"
#include "ctl/report/region_report.hpp"
#include "mooring/base/duration_text.hpp"
#include "mooring/base/region_name.hpp"

namespace mooring::ctl {
namespace {

using namespace std::chrono_literals;

int cannot_tell(const std::string& why) {
  std::cerr << "mooringctl: " << why << "\n";
  return exit_unknown;
}

void ask_for_warnings(toolbox& tools, region_facts& out) {
  const auto report = tools.run(ask_sidecar(tools.http(), tools.config().sidecar.admin, tools.in(patience)));
  if (report)
    out.warnings = report->region_warnings;
  else
    out.sidecar_failure = report.error().detail();
}

void ask_what_sessiond_uses(toolbox& tools, region_facts& out) {
  const auto info = tools.run(ask_sessiond(tools.config().sessions.socket, tools.in(patience)));
  if (!info) {
    out.sessiond_failure = info.error().detail();
    return;
  }
  followed_facts used;
  used.region = info_value(*info, "region").value_or("an unknown region");
  used.epoch = info_value(*info, "region_epoch").value_or("");
  used.in_use = info_value(*info, "region_in_use").value_or("");
  used.bridging = info_value(*info, "bridging") == "1";
  out.sessiond = used;
}

}  // namespace

int region_status(toolbox& tools, bool as_json) {
  auto state = published_region(tools.config());
  if (!state) return cannot_tell(state.error().detail());
  region_facts facts;
  facts.published = std::move(*state);
  facts.now_ms = tools.now_ms(seconds(0));
  ask_for_warnings(tools, facts);
  ask_what_sessiond_uses(tools, facts);
  std::cout << (as_json ? json_of(facts) + "\n" : text_of(facts));
  return warnings_of(facts).empty() ? exit_good : exit_bad;
}

int region_pin(toolbox& tools, const pin_options& options) {
  if (!is_region_name(options.region)) return cannot_tell("\"" + options.region + "\" is not a region's name");
  if (options.reason.find_first_of("\r\n") != std::string::npos) return cannot_tell("--reason is one line of text");
  const std::string time = format_duration(options.time);
  const auto whole = std::chrono::duration_cast<seconds>(options.time);
  return give_order(tools, "pin " + options.region + " " + std::to_string(whole.count()) + " " + options.reason,
                    options.region + " is pinned for " + time);
}

int region_unpin(toolbox& tools) {
  return give_order(tools, "unpin", "no region is pinned any more");
}

}  // namespace mooring::ctl
