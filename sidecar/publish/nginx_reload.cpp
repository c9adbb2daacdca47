#include "nginx_reload.hpp"

#include "hook_environment.hpp"
#include "mooring/base/small_file.hpp"
#include "mooring/net/child_process.hpp"
#include "nginx_region_conf.hpp"

namespace mooring::sidecar {
namespace {

constexpr seconds command_time{10};
constexpr std::size_t max_conf_bytes = 64 * 1024;

}  // namespace

nginx_reload::nginx_reload(const publish_settings& config, const clock& time, const logger& log, metrics& registry)
    : config_(config),
      time_(time),
      log_(log),
      reloads_(registry.make_counter("mooring_sidecar_nginx_reloads_total", "Reloads of nginx to tell it the region.")),
      failures_(registry.make_counter("mooring_sidecar_nginx_reload_failures_total",
                                      "Regions that nginx could not be told.")),
      disk_("the disk of " + config.nginx_region_conf) {}

task<result<void>> nginx_reload::run(std::vector<std::string> words, const char* setting,
                                     std::function<bool()> unwanted) {
  result<void> done;
  if (words.empty()) co_return done;
  program command;
  command.words = std::move(words);
  command.inherits = nginx_inherits;
  command.keep_tail = true;
  command.unwanted = std::move(unwanted);
  auto said = co_await run_process(std::move(command), time_.steady() + command_time);
  if (!said) co_return error(said.error().code(), std::string(setting) + ": " + said.error().detail());
  if (said->exit_code != 0)
    co_return error(errc::misconfigured,
                    std::string(setting) + ": exit " + std::to_string(said->exit_code) + ": " + said->error_tail);
  co_return done;
}

task<result<bool>> nginx_reload::write(std::string region) {
  const auto work = [path = config_.nginx_region_conf, region] { return write_nginx_region_conf(path, region); };
  co_return co_await disk_.run(work, nginx_file_time);
}

task<void> nginx_reload::restore(std::string former) {
  const auto work = [path = config_.nginx_region_conf, former] { return replace_small_file(path, former, 0644); };
  const auto restored = co_await disk_.run(work, nginx_file_time);
  if (!restored) log_.error("nginx.region_not_restored", "reason", restored.error().detail());
}

task<bool> nginx_reload::publish(std::string region, std::function<bool()> unwanted) {
  if (config_.nginx_region_conf.empty()) co_return true;
  const auto read = [path = config_.nginx_region_conf] { return read_small_file(path, max_conf_bytes); };
  const auto former = co_await disk_.run(read, nginx_file_time);
  // A write that fails late has changed the file all the same.
  const bool was_reloaded = std::exchange(reloaded_, false);
  const auto written = co_await write(region);
  if (!written) {
    failures_.add();
    log_.error("nginx.region_not_written", "reason", written.error().detail());
    co_return false;
  }
  reloaded_ = was_reloaded && !*written;
  if (reloaded_) co_return true;
  auto outcome = co_await run(config_.nginx_test, "publish.nginx_test", unwanted);
  if (!outcome && former && *former) co_await restore(**former);
  if (outcome) outcome = co_await run(config_.nginx_reload, "publish.nginx_reload", unwanted);
  if (!outcome && outcome.error().code() == errc::cancelled) co_return false;
  if (!outcome) {
    failures_.add();
    log_.error("nginx.not_reloaded", "region", region, "reason", outcome.error().detail());
    co_return false;
  }
  reloaded_ = true;
  report_taken(region, *written);
  co_return true;
}

void nginx_reload::report_taken(const std::string& region, bool written) {
  if (!config_.nginx_reload.empty()) {
    reloads_.add();
    log_.info("nginx.reloaded", "region", region);
  } else if (written) {
    log_.info("nginx.region_written", "region", region);
  }
}

}  // namespace mooring::sidecar
