// Keeps the credentials of one source fresh in the background, never on the path of a request.
//
//   first_fetch()  before anything is served
//   run()          a task until stop(): renews at 15 min before expiry, with urgency from 10 min before, and when a
//                  shared file changed; after a failure again and again with growing pauses
//   current()      what is held, as long as it has not expired; a failed renewal does not take it away
//
// One thread. After stop(), run() returns at once, a request under way is abandoned.
#pragma once

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>

#include "mooring/credentials/refresh_plan.hpp"
#include "mooring/credentials/source.hpp"

namespace mooring {

class refreshing_provider final : public credentials_provider {
 public:
  refreshing_provider(const asio::any_io_executor& executor, std::unique_ptr<credential_source> source,
                      const clock& time, const logger& log, std::function<double()> random);

  result<credentials> current() override;

  // An error: a person has to change something, so starting is pointless. Success without credentials when the reason
  // may pass: run() goes on trying. It logs nothing, because a failed start is told in one line; run() tells of it.
  task<result<void>> first_fetch(steady_time deadline);

  task<void> run();
  void stop();

  // One round of run(): renews when it is time to. Public for tests, which have no hours to wait.
  task<void> refresh_if_due();

 private:
  task<fetched_credentials> fetch_until_stopped(steady_time deadline);
  task<void> fetch_into(fetched_credentials& found, steady_time deadline);
  void accept(temporary_credentials found);
  void tell_what_is_held() const;
  void report_failure();
  bool usable() const;

  asio::any_io_executor executor_;
  std::unique_ptr<credential_source> source_;
  const clock& time_;
  logger log_;
  std::function<double()> random_;
  std::optional<temporary_credentials> held_;
  refresh_plan plan_;
  error last_failure_{errc::misconfigured, "no AWS credentials have been asked for yet"};
  asio::steady_timer pause_;
  asio::cancellation_signal abandon_;
  bool extended_ = false;  // what is held is kept past its expiry
  bool silent_ = false;    // during the first fetch
  bool stopped_ = false;
};

}  // namespace mooring
