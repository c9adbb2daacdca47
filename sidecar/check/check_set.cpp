#include "check_set.hpp"

#include <algorithm>

#include "mooring/credentials/chain.hpp"
#include "mooring/net/curl_client.hpp"
#include "mysql_check.hpp"

namespace mooring::sidecar {
namespace {

on_failure consequence_named(const std::string& name) {
  return name == "warn" ? on_failure::warn : on_failure::fail;
}

}  // namespace

check_set::check_set(const settings& config, const asio::any_io_executor& executor, const clock& time,
                     const logger& log)
    : timing_(config.checks) {
  const check_settings& c = config.checks;
  if (c.mysql.enabled())
    add(make_mysql_check(c.mysql), "datastore", consequence_named(c.mysql.on_failure), c.mysql.timeout);
  if (c.dynamodb.enabled && config.sessions.store == "dynamodb") add_dynamodb(config, executor, time, log);
  if (c.sessiond.enabled) {
    auto made = std::make_unique<sessiond_check>(config.sessions.socket);
    sessiond_ = made.get();
    add(std::move(made), "component", consequence_named(c.sessiond.on_failure), c.sessiond.timeout);
  }
}

void check_set::add_dynamodb(const settings& config, const asio::any_io_executor& executor, const clock& time,
                             const logger& log) {
  http_ = make_curl_client(executor, curl_options{config.dynamodb.connect_timeout});
  keys_ = make_credentials(executor, *http_, time, log, config.region);
  const dynamodb_check_settings& c = config.checks.dynamodb;
  const auto add_region = [&](const std::string& region, on_failure consequence) {
    clients_.push_back(
        std::make_unique<dynamo_client>(*http_, *keys_, time, log, probe_requests_, config.dynamodb, region));
    auto made = std::make_unique<dynamodb_check>(*clients_.back(), config.dynamodb.table, c.fresh_every, time);
    regions_.push_back({made.get(), clients_.back().get(), 0, consequence});
    add(std::move(made), "datastore", consequence, c.timeout);
  };
  add_region(config.region.primary, consequence_named(c.on_failure));
  // The primary alone is enough to serve.
  if (!config.region.secondary.empty()) add_region(config.region.secondary, on_failure::warn);
  for (const std::string& url : config.region.control) {
    auto made = std::make_unique<control_check>(*http_, url, time);
    controls_.push_back(made.get());
    add(std::move(made), "component", on_failure::warn, control_timeout);
  }
}

void check_set::add(std::unique_ptr<check> subject, std::string component_type, on_failure consequence,
                    milliseconds timeout) {
  member& made = members_.emplace_back();
  made.subject = std::move(subject);
  made.component_type = std::move(component_type);
  made.consequence = consequence;
  made.timeout = timeout;
}

void check_set::enter(status_board& board, scheduler& schedule) {
  for (const member& m : members_) {
    check_timing timing;
    timing.interval = timing_.interval;
    timing.fast_interval = timing_.fast_interval;
    timing.timeout = m.timeout;
    timing.rise = static_cast<int>(timing_.rise);
    timing.fall = static_cast<int>(timing_.fall);
    const std::size_t number = board.add(m.subject->name(), m.component_type, m.consequence);
    for (region_check& region : regions_)
      if (region.check == m.subject.get()) region.number = number;
    schedule.add(number, *m.subject, timing);
  }
}

bool check_set::any_hangs() const {
  if (http_ && http_->hangs()) return true;
  return std::any_of(members_.begin(), members_.end(), [](const member& m) { return m.subject->hangs(); });
}

}  // namespace mooring::sidecar
