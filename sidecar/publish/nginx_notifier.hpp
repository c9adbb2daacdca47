// Tells nginx which region is used, until it has taken it: at once, every 2 s three times, then every 10 s.
//
// A task of its own, so that neither hooks nor leases keep pages waiting. Only the newest region is told: one that was
// overtaken tells nobody anything true.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <optional>

#include "nginx_reload.hpp"

namespace mooring::sidecar {

constexpr int nginx_soon_tries = 3;
constexpr milliseconds nginx_soon{2'000};
constexpr milliseconds nginx_later{10'000};

class nginx_notifier {
 public:
  nginx_notifier(const publish_settings& config, const clock& time, const logger& log, metrics& registry,
                 const asio::any_io_executor& executor)
      : nginx_(config, time, log, registry), wake_(executor) {}

  // Before run(): writes the file, which must be there when nginx starts. errc::misconfigured and errc::io: a person
  // has to act.
  task<result<bool>> write(std::string region) { return nginx_.write(std::move(region)); }

  void notify(std::string region);

  // Until stop(), which also ends a command that runs.
  task<void> run();
  void stop();
  // A thread waits for the file's disk: the process has to leave by _Exit.
  bool hangs() const { return nginx_.hangs(); }

 private:
  nginx_reload nginx_;
  asio::steady_timer wake_;
  std::optional<std::string> owed_;  // the region that nginx has not taken
  int failures_ = 0;                 // to tell it that one
  bool stopping_ = false;
};

}  // namespace mooring::sidecar
