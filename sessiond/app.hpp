// Everything mooring-sessiond is made of, in the order in which it is built; it is destroyed in the opposite order.
//
// Everything runs on the one thread that calls run(); what can block (SQLite, name lookups) has threads of its own. A
// stop is bounded whatever hangs: with the first SIGTERM or SIGINT the clients have sessions.drain_grace, then the
// journal what is left of it, then everything else stop_margin; a process that still hangs exit_margin later is ended
// where it stands. Until run() serves, both signals end the process at once, because nothing has been acknowledged.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <optional>

#include "mooring/aws/dynamo_client.hpp"
#include "mooring/base/metrics.hpp"
#include "mooring/credentials/refreshing_provider.hpp"
#include "mooring/net/signals.hpp"
#include "sessiond/journal/journal_store.hpp"
#include "sessiond/redis/redis_dialect.hpp"
#include "sessiond/region/following_store.hpp"
#include "sessiond/region/region_notices.hpp"
#include "sessiond/region/state_watch.hpp"
#include "sessiond/server/server.hpp"

namespace mooring::sessiond {

class app {
 public:
  explicit app(settings config);

  // Runs until a signal has been answered by a drain. The exit code: 0; when clients were cut short, or the end of
  // everything hangs, the process ends with code 1.
  // errc::misconfigured and errc::io before anything is served: start-up failed, a person has to act.
  result<int> run();

  // A thread is stuck in the system's resolver, so destroying this object would wait for it.
  bool thread_hangs() const { return http_ && http_->hangs(); }

 private:
  result<void> start();
  result<void> open_store();
  void open_regions();
  std::unique_ptr<session_store> open_region(const std::string& name);
  result<void> open_journal();
  result<void> preflight();
  task<void> serve_until_signal();
  task<void> drain(steady_time end);
  std::string info() const;

  settings config_;
  asio::io_context io_{1};
  system_clock time_;
  logger log_;
  metrics registry_;
  std::optional<shutdown_signals> signals_;  // once the stores are open: what hangs there can be stopped
  // DynamoDB's part; empty with the embedded store.
  std::unique_ptr<http_client> http_;
  std::unique_ptr<refreshing_provider> keys_;
  std::vector<std::unique_ptr<dynamo_client>> dynamo_;  // by region, the primary first
  std::unique_ptr<session_store> store_;
  following_store* following_ = nullptr;  // store_, with two regions
  std::unique_ptr<state_watch> watch_;
  std::unique_ptr<region_notices> notices_;
  std::unique_ptr<journal_store> journal_;  // in front of store_; empty with durability = "write-through"
  std::unique_ptr<session_service> sessions_;
  std::unique_ptr<redis_dialect> redis_;
  std::unique_ptr<dispatcher> commands_;
  std::unique_ptr<server> server_;
  steady_time started_;
  steady_time stop_by_;  // once a signal came
};

}  // namespace mooring::sessiond
