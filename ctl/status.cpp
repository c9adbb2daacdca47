#include <iomanip>
#include <iostream>

#include "ctl/commands.hpp"
#include "ctl/daemons.hpp"

namespace mooring::ctl {
namespace {

using namespace std::chrono_literals;

constexpr auto glance = 2s;
constexpr int name_width = 24;

void line(const std::string& name, const std::string& status, const std::string& detail) {
  std::cout << std::left << std::setw(name_width) << name << std::setw(detail.empty() ? 0 : 10) << status << detail
            << "\n";
}

bool print_sidecar(toolbox& tools) {
  const auto report = tools.run(ask_sidecar(tools.http(), tools.config().sidecar.admin, tools.in(glance)));
  if (!report) {
    line("sidecar", "fail", report.error().detail());
    return false;
  }
  line("sidecar", report->status, "load balancers get " + report->verdict);
  for (const auto& check : report->checks)
    line("  " + check.name, check.status, check.output);
  return report->status != "fail";
}

bool print_sessiond(toolbox& tools) {
  const auto info = tools.run(ask_sessiond(tools.config().sessions.socket, tools.in(glance)));
  if (!info) {
    line("sessiond", "fail", info.error().detail());
    return false;
  }
  line("sessiond", "pass", tools.config().sessions.socket);
  for (const auto& [name, value] : info_lines(*info))
    line("  " + name, value, "");
  return true;
}

}  // namespace

int status(toolbox& tools) {
  const bool sidecar_well = print_sidecar(tools);
  const bool sessiond_well = print_sessiond(tools);
  return sidecar_well && sessiond_well ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace mooring::ctl
