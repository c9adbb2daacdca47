// What every mooringctl command needs: the settings, an io_context, and clients of the two daemons and of DynamoDB.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <memory>
#include <optional>
#include <string>

#include "mooring/aws/dynamo_client.hpp"
#include "mooring/aws/table_plan.hpp"
#include "mooring/base/metrics.hpp"
#include "mooring/credentials/refreshing_provider.hpp"
#include "mooring/settings/settings.hpp"

namespace mooring::ctl {

// How long a command waits for one answer of a daemon or of AWS.
constexpr milliseconds patience{5000};

// sessiond answers by sessions.deadline; whoever waits so much longer hears from it what is wrong with the store.
constexpr milliseconds time_beyond_deadline{2000};

class toolbox {
 public:
  explicit toolbox(settings config);

  const settings& config() const { return config_; }
  asio::any_io_executor executor() { return io_.get_executor(); }
  const clock& time() const { return time_; }
  const logger& log() const { return log_; }
  http_client& http() { return *http_; }
  dynamo_client& dynamo(const std::string& region);
  steady_time in(milliseconds time) const { return time_.steady() + time; }

  // Unix milliseconds on a clock that is `correction` ahead of this node's.
  std::int64_t now_ms(seconds correction) const;

  // Runs one task to its end.
  template <class T>
  T run(task<T> work) {
    std::optional<T> out;
    const auto keep = [&out](std::exception_ptr failure, T value) {
      if (failure) std::rethrow_exception(failure);
      out = std::move(value);
    };
    asio::co_spawn(io_, std::move(work), keep);
    io_.restart();
    io_.run();
    return std::move(*out);
  }

 private:
  settings config_;
  asio::io_context io_{1};
  system_clock time_;
  logger log_;
  metrics registry_;
  std::unique_ptr<http_client> http_;
  std::unique_ptr<refreshing_provider> keys_;
  bool keys_asked_for_ = false;
  std::map<std::string, std::unique_ptr<dynamo_client>> dynamo_;
};

// What the settings want of the session table in the primary region.
table_wish session_table(const settings& config);

// What to do about a failed call to DynamoDB, for the end of a sentence.
std::string remedy_for(const error& failure, const std::string& region);

}  // namespace mooring::ctl
