// SIGTERM and SIGINT: the first asks for a drain, the second ends the process at once with code 1. SIGHUP is ignored
// with a log line, because nothing can be reloaded and its default would end the daemon without a drain.
#pragma once

#include <boost/asio/signal_set.hpp>

#include "mooring/net/task.hpp"

namespace mooring {

class shutdown_signals {
 public:
  shutdown_signals(const asio::any_io_executor& executor, const logger& log);

  // Returns the number of the first signal; from then on a second one exits.
  task<int> first();

  // Lets io_context::run() return once the drain is done.
  void stop_listening();

 private:
  task<void> exit_on_second();
  task<void> refuse_reload();

  asio::signal_set signals_;
  asio::signal_set reload_;
  logger log_;
};

}  // namespace mooring
