// Everything mooring-sidecar is made of, in the order in which it is built.
//
//   checks -> scheduler -> board -> probe site -> public listener
//                                -> admin site -> admin listener
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <optional>

#include "mooring/net/drain.hpp"
#include "mooring/net/signals.hpp"
#include "sidecar/check/check_set.hpp"
#include "sidecar/check_meters.hpp"
#include "sidecar/control/control_server.hpp"
#include "sidecar/http/admin_site.hpp"
#include "sidecar/http/probe_site.hpp"
#include "sidecar/http/server.hpp"
#include "sidecar/region_failover.hpp"

namespace mooring::sidecar {

class app {
 public:
  explicit app(const settings& config);

  // Serves until a signal has been answered by a drain. The exit code: 0, 1 when the drain was cut short. An error:
  // start-up failed before anything was served, and a person has to act.
  result<int> run();

  // A thread that waits for a client library or a disk cannot be ended, so destroying this object would wait for it.
  bool thread_hangs() const { return checks_.any_hangs() || regions_->hangs(); }

 private:
  result<void> start();
  // Before anything is served: runs `work` alone, to its end.
  result<void> run_alone(task<result<void>> work);
  void serve();
  task<void> drain_on_signal();
  void on_outcome(const observation& seen);
  // The one place where the verdict is made, after each change of what it is made from.
  void judge();
  result<void> listen_for_operators();
  server_limits limits() const;

  settings config_;
  asio::io_context io_{1};
  system_clock time_;
  logger log_;
  metrics registry_;
  shutdown_signals signals_;
  drain_register connections_;
  status_board board_;
  check_set checks_;
  scheduler schedule_;
  std::optional<check_meters> meters_;
  std::optional<region_failover> regions_;
  node_status node_;
  probe_site probes_;
  admin_site admin_;
  http_server probe_server_;
  http_server admin_server_;
  std::optional<asio::ip::tcp::acceptor> probe_acceptor_;
  std::optional<asio::ip::tcp::acceptor> admin_acceptor_;
  std::optional<control_server> control_;
};

}  // namespace mooring::sidecar
