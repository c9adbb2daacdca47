#include "mooring/net/signals.hpp"

#include <csignal>
#include <cstdlib>

namespace mooring {

shutdown_signals::shutdown_signals(const asio::any_io_executor& executor, const logger& log)
    : signals_(executor, SIGTERM, SIGINT), reload_(executor, SIGHUP), log_(log) {
  // libcurl and the MySQL client write to sockets without MSG_NOSIGNAL.
  std::signal(SIGPIPE, SIG_IGN);
}

task<int> shutdown_signals::first() {
  spawn(reload_.get_executor(), log_, "reload signal", refuse_reload());
  auto [ec, number] = co_await signals_.async_wait(nothrow);
  if (!ec) spawn(signals_.get_executor(), log_, "second signal", exit_on_second());
  co_return number;
}

void shutdown_signals::stop_listening() {
  signals_.cancel();
  reload_.cancel();
}

task<void> shutdown_signals::exit_on_second() {
  auto [ec, number] = co_await signals_.async_wait(nothrow);
  if (ec) co_return;
  log_.warn("shutdown.forced", "signal", number);
  flush_log_and_exit(EXIT_FAILURE);
}

task<void> shutdown_signals::refuse_reload() {
  for (;;) {
    auto [ec, number] = co_await reload_.async_wait(nothrow);
    if (ec) co_return;
    log_.warn("reload.unsupported", "signal", number, "remedy", "restart to apply a new configuration");
  }
}

}  // namespace mooring
