#include "ctl/orders.hpp"

#include <iostream>

#include "ctl/commands.hpp"
#include "ctl/sidecar_client.hpp"

namespace mooring::ctl {
namespace {}  // namespace

int give_order(toolbox& tools, const std::string& order, const std::string& done) {
  const auto answer = tools.run(order_sidecar(tools.config().sidecar.control, order, tools.in(patience)));
  if (answer) {
    std::cout << done << "\n";
    return exit_good;
  }
  std::cerr << "mooringctl: " << answer.error().detail() << "\n";
  return answer.error().code() == errc::invalid_argument ? exit_bad : exit_unknown;
}

int drain(toolbox& tools) {
  return give_order(tools, "drain", "drained: load balancers get 503 from this node until mooringctl undrain");
}

int undrain(toolbox& tools) {
  return give_order(tools, "undrain", "undrained: load balancers get what the checks say");
}

}  // namespace mooring::ctl
