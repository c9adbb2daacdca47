#include <unistd.h>

#include <iostream>

#include "ctl/commands.hpp"
#include "ctl/drill_run.hpp"
#include "ctl/orders.hpp"
#include "ctl/published_region.hpp"
#include "mooring/base/duration_text.hpp"

namespace mooring::ctl {
namespace {

int no_drill(const error& why) {
  std::cerr << "mooringctl: there was no drill: " << why.detail() << "\n";
  return exit_unknown;
}

// What the sidecar would refuse as well, before anything is made.
result<drill_terms> terms_of(const region_state& state, const drill_options& options) {
  drill_terms out;
  out.region = options.region.empty() ? state.active : options.region;
  if (state.regions.count(out.region) == 0)
    return error(errc::invalid_argument, "\"" + out.region + "\" is not one of this node's regions");
  for (const auto& [name, standing] : state.regions)
    if (name != out.region) out.other = name;
  if (out.other.empty())
    return error(errc::misconfigured,
                 "there is no other region to move to: set region.secondary, with region.policy = \"follow\"");
  if (state.pinned_until) return error(errc::busy, state.active + " is pinned; mooringctl region unpin first");
  if (state.avoided)
    return error(errc::busy, "a drill of " + state.avoided->region + " runs already; mooringctl drill --end ends it");
  out.is_in_use = out.region == state.active;
  out.time = options.time;
  out.sessions = options.sessions;
  out.rate = options.rate;
  out.wait_back = options.wait_back;
  return out;
}

void explain(const settings& config, const drill_terms& terms, const drill_options& options) {
  std::cerr << "For " << format_duration(options.time) << " this node sends nothing to " << terms.region
            << ", as if it had failed. The node's visitors\n"
            << "are served by " << terms.other << " meanwhile; requests at the beginning are a little slower. "
            << options.sessions << " sessions of\nthe drill's own are opened and stored, " << options.rate
            << " times a second in all, and removed in the end.\n";
  if (!terms.is_in_use) return;
  std::cerr << "nginx and the node hooks follow the move, fleet hooks do not run. " << terms.region
            << " is used again after\n"
            << format_duration(config.region.failback_hold) << " (region.failback_hold, failback = \""
            << config.region.failback << "\"). The drill and the way back count as moves of this hour.\n";
}

result<void> confirm(const drill_options& options) {
  if (options.yes) return {};
  if (::isatty(STDIN_FILENO) == 0)
    return error(errc::invalid_argument, "nobody can be asked; say --yes if you mean it");
  std::cerr << "Go on? Type yes: ";
  std::string answer;
  std::getline(std::cin, answer);
  if (answer == "yes") return {};
  return error(errc::cancelled, "not confirmed");
}

}  // namespace

int drill(toolbox& tools, const drill_options& options) {
  if (options.end) return give_order(tools, "undrill", "the drill is over");
  const auto state = published_region(tools.config());
  if (!state) return no_drill(state.error());
  auto terms = terms_of(*state, options);
  if (!terms) return no_drill(terms.error());
  explain(tools.config(), *terms, options);
  if (const auto confirmed = confirm(options); !confirmed) return no_drill(confirmed.error());
  drill_run drilling(tools.executor(), tools.config(), std::move(*terms), tools.time(), tools.log());
  const auto facts = tools.run(drilling.run());
  if (!facts) return no_drill(facts.error());
  std::cout << (options.json ? json_of(*facts) + "\n" : text_of(*facts));
  return broken_limits(*facts).empty() ? exit_good : exit_bad;
}

}  // namespace mooring::ctl
