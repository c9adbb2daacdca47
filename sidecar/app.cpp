#include "sidecar/app.hpp"

#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <cstdlib>
#include <random>

#include "mooring/credentials/preflight.hpp"
#include "mooring/net/deadline.hpp"
#include "mooring/net/listener.hpp"
#include "mooring/net/notify.hpp"
#include "mooring/net/open_files.hpp"

namespace mooring::sidecar {
namespace {

using namespace std::chrono_literals;

constexpr auto preflight_time = 3s;

std::string host_name() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 ? std::string(name) : "unknown";
}

std::function<double()> random_fractions() {
  return [engine = std::minstd_rand(std::random_device{}())]() mutable {
    return std::uniform_real_distribution<double>(0, 1)(engine);
  };
}

result<asio::ip::tcp::acceptor> listen_on(const asio::any_io_executor& executor, const char* setting,
                                          const std::string& address) {
  const auto where = parse_host_port(address);
  if (!where) return error(errc::misconfigured, std::string(setting) + ": found \"" + address + "\"; write host:port");
  auto opened = listen_tcp(executor, where->host, where->port);
  if (!opened) return named(setting, opened.error());
  return opened;
}

counter& turned_away(metrics& registry, const char* listener) {
  return registry.make_counter("mooring_sidecar_connections_turned_away_total",
                               "Connections closed because of sidecar.max_connections.", {{"listener", listener}});
}

}  // namespace

app::app(const settings& config)
    : config_(config),
      log_(logger::to_stderr(log_level_named(config.log_level))),
      signals_(io_.get_executor(), log_),
      connections_(io_.get_executor()),
      checks_(config_, io_.get_executor(), time_, log_),
      schedule_(io_.get_executor(), time_, log_, random_fractions(), [this](const observation& o) { on_outcome(o); }),
      node_{board_,
            host_name(),
            MOORING_VERSION,
            time_.wall(),
            [this] { return regions_->active(); },
            [this] { return regions_->notes(); }},
      probes_(board_, registry_, [this](std::string_view region) { return regions_->uses(region); }),
      admin_(node_, time_, registry_, [this] { return checks_.sessiond_metrics(); }),
      probe_server_(probes_, time_, log_, connections_, turned_away(registry_, "probe"), limits()),
      admin_server_(admin_, time_, log_, connections_, turned_away(registry_, "admin"), limits()) {
  checks_.enter(board_, schedule_);
  meters_.emplace(registry_, board_);
  regions_.emplace(config_, checks_, board_, host_name(), time_, log_, registry_, io_.get_executor(),
                   [this] { judge(); });
  registry_.make_gauge("mooring_sidecar_build_info", "Always 1.", {{"version", MOORING_VERSION}}).set(1);
}

server_limits app::limits() const {
  server_limits out;
  out.max_connections = static_cast<std::size_t>(config_.sidecar.max_connections);
  out.request_deadline = config_.sidecar.request_deadline;
  return out;
}

result<void> app::run_alone(task<result<void>> work) {
  result<void> found;
  const auto keep = [&found](std::exception_ptr bug, result<void> value) {
    if (bug) std::rethrow_exception(bug);
    found = std::move(value);
  };
  asio::co_spawn(io_, std::move(work), keep);
  io_.run();
  io_.restart();
  return found;
}

result<void> app::start() {
  allow_open_files(config_.sidecar.max_connections, log_);
  // Before listening: a probe that is accepted must be answered at once.
  if (checks_.primary() != nullptr) {
    const steady_time deadline = time_.steady() + preflight_time;
    auto look = preflight_dynamodb(*checks_.keys(), *checks_.primary(), config_.dynamodb.table, deadline);
    if (auto fine = run_alone(std::move(look)); !fine) return fine;
  }
  auto probe_acceptor = listen_on(io_.get_executor(), "sidecar.listen", config_.sidecar.listen);
  if (!probe_acceptor) return probe_acceptor.error();
  auto admin_acceptor = listen_on(io_.get_executor(), "sidecar.admin", config_.sidecar.admin);
  if (!admin_acceptor) return admin_acceptor.error();
  if (auto published = run_alone(regions_->start()); !published) return published;
  if (auto opened = listen_for_operators(); !opened) return opened;
  probe_acceptor_ = std::move(*probe_acceptor);
  admin_acceptor_ = std::move(*admin_acceptor);
  return {};
}

result<void> app::listen_for_operators() {
  if (config_.sidecar.control.empty()) return {};
  unix_listen_options where;
  where.path = config_.sidecar.control;
  where.mode = 0600;
  auto listener = unix_listener::bind(io_.get_executor(), where);
  if (!listener) return named("sidecar.control", listener.error());
  control_.emplace(std::move(*listener), log_, [this](control_command c) { return regions_->answer(std::move(c)); });
  return {};
}

void app::serve() {
  const auto executor = io_.get_executor();
  spawn(executor, log_, "probe listener", probe_server_.serve(*probe_acceptor_));
  spawn(executor, log_, "admin listener", admin_server_.serve(*admin_acceptor_));
  spawn(executor, log_, "drain", drain_on_signal());
  if (checks_.keys() != nullptr) spawn(executor, log_, "credentials", checks_.keys()->run());
  if (control_) spawn(executor, log_, "control listener", control_->serve());
  schedule_.start();
  regions_->serve();
  if (checks_.empty()) log_.warn("sidecar.no_checks", "remedy", "set checks.mysql.host, or /healthz only says OK");
  log_.info("sidecar.ready", "version", MOORING_VERSION, "listen", config_.sidecar.listen, "admin",
            config_.sidecar.admin, "checks", board_.checks().size(), "region", regions_->active());
  notify_service_manager("READY=1");
}

result<int> app::run() {
  if (auto started = start(); !started) return started.error();
  serve();
  io_.run();
  log_.info("sidecar.stopped");
  return EXIT_SUCCESS;
}

task<void> app::drain_on_signal() {
  const int number = co_await signals_.first();
  board_.set_draining(true);
  judge();
  probe_server_.close_after_answers();
  admin_server_.close_after_answers();
  log_.info("sidecar.draining", "signal", number, "delay_ms", config_.sidecar.drain_delay.count());
  notify_service_manager("STOPPING=1");
  co_await sleep_for(config_.sidecar.drain_delay);
  schedule_.stop();
  regions_->stop();
  if (control_) control_->close();
  if (checks_.keys() != nullptr) checks_.keys()->stop();
  error_code ignored;
  probe_acceptor_->close(ignored);
  admin_acceptor_->close(ignored);
  const bool clean = co_await connections_.drain(milliseconds(0), config_.sidecar.drain_grace);
  if (!clean) {
    // Frames of stuck connections refer to parts of this object, so nothing may be destroyed under them.
    log_.warn("sidecar.drain_cut_short", "connections", connections_.live());
    flush_log_and_exit(EXIT_FAILURE);
  }
  signals_.stop_listening();
}

void app::on_outcome(const observation& seen) {
  const check_report& report = board_.checks().at(seen.check);
  board_.record(seen.check, seen.found, seen.state, time_.wall());
  meters_->record(seen.check, seen.found, seen.state);
  if (seen.state_changed && seen.state == check_state::up)
    log_.info("check.up", "check", report.standing.name);
  else if (seen.state_changed)
    log_.warn("check.down", "check", report.standing.name, "class", name_of(seen.found.why()), "reason",
              seen.found.reason());
  else if (!seen.found.ok())
    log_.debug("check.failed", "check", report.standing.name, "class", name_of(seen.found.why()), "reason",
               seen.found.reason());
  judge();
}

void app::judge() {
  regions_->weigh_checks();
  if (!board_.judge_again()) return;
  const verdict& current = board_.current();
  meters_->show(current.kind);
  std::string reasons;
  for (const std::string& reason : current.reasons)
    reasons.append(reasons.empty() ? "" : "; ").append(reason);
  log_.info("verdict.changed", "verdict", name_of(current.kind), "reasons", reasons);
}

}  // namespace mooring::sidecar
