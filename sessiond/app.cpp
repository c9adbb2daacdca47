#include "sessiond/app.hpp"

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <charconv>
#include <cstdio>
#include <cstdlib>

#include "mooring/aws/credentials/chain.hpp"
#include "mooring/aws/credentials/preflight.hpp"
#include "mooring/net/curl_client.hpp"
#include "mooring/net/deadline.hpp"
#include "mooring/net/notify.hpp"
#include "mooring/net/open_files.hpp"
#include "sessiond/store/dynamo_store.hpp"
#include "sessiond/store/sqlite_store.hpp"

namespace mooring::sessiond {
namespace {

using namespace std::chrono_literals;

constexpr auto preflight_time = 3s;

unsigned mode_in(const std::string& octal) {
  unsigned out = 0;
  std::from_chars(octal.data(), octal.data() + octal.size(), out, 8);
  return out;
}

// Units come in halves.
std::string units(const dynamo_client& client) {
  std::array<char, 32> out{};
  const int size = std::snprintf(out.data(), out.size(), "%.1f", client.consumed_units());
  return std::string(out.data(), static_cast<std::size_t>(size));
}

error named(const char* setting, const error& failure) {
  return error(failure.code(), std::string(setting) + ": " + failure.detail());
}

}  // namespace

app::app(settings config)
    : config_(std::move(config)),
      log_(logger::to_stderr(log_level_named(config_.log_level))),
      signals_(io_.get_executor(), log_),
      started_(time_.steady()) {}

result<void> app::open_store() {
  if (config_.sessions.store == "embedded") {
    auto opened = open_sqlite_store(config_.sessions.embedded_file, time_);
    if (!opened)
      return error(errc::io, "sessions.embedded_file: " + opened.error().detail() +
                                 "; its folder must exist and be writable for this user");
    store_ = std::move(*opened);
    return {};
  }
  http_ = make_curl_client(io_.get_executor(), curl_options{config_.dynamodb.connect_timeout});
  keys_ = make_credentials(io_.get_executor(), *http_, time_, log_, config_.region);
  dynamo_ =
      std::make_unique<dynamo_client>(*http_, *keys_, time_, log_, registry_, config_.dynamodb, config_.region.primary);
  dynamo_store_terms terms{config_.dynamodb.table,
                           lease_terms(node_identity(config_.sessions.socket), config_.sessions.lease),
                           config_.sessions.sdk_lock_timeout};
  terms.service_says_what_failed = dynamo_->is_aws();
  store_ = make_dynamo_store(*dynamo_, time_, make_item_schema(config_.sessions), std::move(terms));
  return preflight();
}

result<void> app::preflight() {
  result<void> outcome;
  const auto keep = [&outcome](std::exception_ptr failure, result<void> value) {
    if (failure) std::rethrow_exception(failure);
    outcome = std::move(value);
  };
  const auto deadline = time_.steady() + preflight_time;
  asio::co_spawn(io_, preflight_dynamodb(*keys_, *dynamo_, config_.dynamodb.table, deadline), keep);
  io_.run();
  io_.restart();
  return outcome;
}

result<void> app::start() {
  allow_open_files(config_.sessions.max_connections, log_);
  if (auto opened = open_store(); !opened) return opened;
  unix_listen_options where;
  where.path = config_.sessions.socket;
  where.mode = mode_in(config_.sessions.socket_mode);
  where.group = config_.sessions.socket_group;
  auto listener = unix_listener::bind(io_.get_executor(), where);
  if (!listener) {
    const bool group = listener.error().code() == errc::misconfigured;
    return named(group ? "sessions.socket_group" : "sessions.socket", listener.error());
  }
  sessions_ = std::make_unique<session_service>(*store_, time_, log_, config_.sessions, io_.get_executor());
  server_facts facts;
  facts.info = [this] { return info(); };
  facts.metrics = [this] { return registry_.render(); };
  commands_ = std::make_unique<dispatcher>(*sessions_, time_, log_, registry_, std::move(facts));
  redis_ = std::make_unique<redis_dialect>(*sessions_, time_, config_.sessions.redis, io_.get_executor());
  commands_->speak(*redis_);
  server_ = std::make_unique<server>(std::move(*listener), config_.sessions, *commands_, log_, registry_);
  return {};
}

result<int> app::run() {
  if (auto started = start(); !started) return started.error();
  int exit_code = 0;
  spawn(io_.get_executor(), log_, "accept", server_->accept());
  if (config_.sessions.locking == "cluster") spawn(io_.get_executor(), log_, "renew leases", sessions_->renew_leases());
  if (keys_) spawn(io_.get_executor(), log_, "credentials", keys_->run());
  spawn(io_.get_executor(), log_, "supervise", serve_until_signal(exit_code));
  log_.info("sessiond.ready", "version", MOORING_VERSION, "socket", config_.sessions.socket, "store",
            config_.sessions.store, "schema", config_.sessions.schema, "locking", config_.sessions.locking, "region",
            config_.region.primary);
  notify_service_manager("READY=1");
  io_.run();
  log_.info("sessiond.stopped", "clean", exit_code == 0);
  return exit_code;
}

task<void> app::serve_until_signal(int& exit_code) {
  const int number = co_await signals_.first();
  log_.info("sessiond.draining", "signal", number, "connections", server_->connections());
  notify_service_manager("STOPPING=1");
  const bool clean = co_await server_->drain(config_.sessions.drain_grace);
  if (!clean) {
    // Frames of stuck connections refer to parts of this object, so nothing may be destroyed under them.
    log_.warn("sessiond.drain_cut_short", "connections", server_->connections());
    std::_Exit(EXIT_FAILURE);
  }
  if (keys_) keys_->stop();
  exit_code = EXIT_SUCCESS;
  sessions_->stop();
  signals_.stop_listening();
}

std::string app::info() const {
  const auto uptime = std::chrono::duration_cast<seconds>(time_.steady() - started_).count();
  std::string out = "# Server\r\nmooring_version:" MOORING_VERSION "\r\nprocess_id:" + std::to_string(::getpid());
  out += "\r\nuptime_in_seconds:" + std::to_string(uptime);
  out += "\r\n\r\n# Clients\r\nconnected_clients:" + std::to_string(server_->connections());
  out += "\r\nmaxclients:" + std::to_string(config_.sessions.max_connections);
  out += "\r\n\r\n# Sessions\r\nstore:" + config_.sessions.store + "\r\nlocking:" + config_.sessions.locking;
  out += "\r\nlocks_held:" + std::to_string(sessions_->locks().held());
  out += "\r\nlock_waiters:" + std::to_string(sessions_->locks().waiting());
  out += "\r\nregion:" + config_.region.primary;
  if (dynamo_) out += "\r\nschema:" + config_.sessions.schema + "\r\ncapacity_units_total:" + units(*dynamo_);
  out += "\r\n";
  return out;
}

}  // namespace mooring::sessiond
