// Carries out what an operator asks of the sidecar, and says what became of it in one line.
//
// "OK" means that it is done and that the region's files have been tried; "ERR why" that nothing has changed. Commands
// about the region are refused while it is fixed. Several may be under way at once. One io_context thread.
#pragma once

#include <functional>
#include <string>

#include "failover_driver.hpp"
#include "sidecar/control/control_command.hpp"

namespace mooring::sidecar {

class operator_commands {
 public:
  // What they act on. `set_draining` also judges the node anew.
  struct subject {
    failover_driver* regions = nullptr;  // null: the region is fixed
    std::function<void(bool)> set_draining;
    std::function<std::string()> status;  // one line for people
  };

  operator_commands(subject on, const logger& log) : on_(std::move(on)), log_(log) {}

  task<std::string> answer(control_command command);

 private:
  task<std::string> ask(control_command command);
  void log_done(const control_command& command);

  subject on_;
  logger log_;
};

// What the failover machine has to hear; errc::invalid_argument for what lasts too long. Only for commands about the
// region. Pure.
result<machine_event> wish_of(const control_command& command);

}  // namespace mooring::sidecar
