#include "sessiond/app.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "mooring/credentials/chain.hpp"
#include "mooring/credentials/preflight.hpp"
#include "mooring/net/curl_client.hpp"
#include "mooring/net/deadline.hpp"
#include "mooring/net/exit_at.hpp"
#include "mooring/net/notify.hpp"
#include "mooring/net/open_files.hpp"
#include "sessiond/store/dynamo_store.hpp"
#include "sessiond/store/sqlite_store.hpp"

namespace mooring::sessiond {
namespace {

using namespace std::chrono_literals;

constexpr auto preflight_time = 3s;
constexpr auto between_replay_looks = 50ms;

// For what is pending in the journal when the clients have used up sessions.drain_grace.
constexpr auto least_flush_time = 1s;

// After sessions.drain_grace: for the pages that commit first (server.cpp), the journal, and the end of what goes on
// behind the clients. And after that for the destruction of everything, which joins threads and closes files.
constexpr auto stop_margin = 2s;
constexpr auto exit_margin = 1s;

unsigned mode_in(const std::string& octal) {
  unsigned out = 0;
  std::from_chars(octal.data(), octal.data() + octal.size(), out, 8);
  return out;
}

// Units come in halves.
std::string units(const std::vector<std::unique_ptr<dynamo_client>>& clients) {
  double sum = 0;
  for (const auto& client : clients)
    sum += client->consumed_units();
  std::array<char, 32> out{};
  const int size = std::snprintf(out.data(), out.size(), "%.1f", sum);
  return std::string(out.data(), static_cast<std::size_t>(size));
}

error named(const char* setting, const error& failure) {
  return error(failure.code(), std::string(setting) + ": " + failure.detail());
}

}  // namespace

app::app(settings config)
    : config_(std::move(config)),
      log_(logger::to_stderr(log_level_named(config_.log_level))),
      started_(time_.steady()) {
  // libcurl writes to sockets without MSG_NOSIGNAL, and asks for keys before shutdown_signals is there.
  std::signal(SIGPIPE, SIG_IGN);
}

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
  open_regions();
  return preflight();
}

void app::open_regions() {
  auto primary = open_region(config_.region.primary);
  if (config_.region.secondary.empty()) {
    store_ = std::move(primary);
    return;
  }
  std::vector<followed_region> regions;
  regions.push_back({config_.region.primary, std::move(primary)});
  regions.push_back({config_.region.secondary, open_region(config_.region.secondary)});
  const follow_terms terms{config_.sessions.region_patience, config_.sessions.replay_window};
  auto following =
      std::make_unique<following_store>(std::move(regions), time_, log_, registry_, terms, io_.get_executor());
  following_ = following.get();
  store_ = std::move(following);
  watch_ =
      std::make_unique<state_watch>(config_.region.state_file, following_->where(), log_, time_, io_.get_executor());
  watch_->look();
  std::vector<dynamo_client*> clients;
  for (const auto& client : dynamo_)
    clients.push_back(client.get());
  notices_ = std::make_unique<region_notices>(std::move(clients), config_.dynamodb.table, following_->where(), time_,
                                              log_, terms.patience, io_.get_executor());
  following_->where().on_move([this] {
    notices_->hurry();
    if (sessions_) sessions_->locks().region_changed();
  });
}

std::unique_ptr<session_store> app::open_region(const std::string& name) {
  dynamodb_settings config = config_.dynamodb;
  // The patience with one region is for two tries, the second on a fresh connection.
  if (!config_.region.secondary.empty())
    config.attempt_timeout = std::min(config.attempt_timeout, config_.sessions.region_patience / 2);
  dynamo_.push_back(std::make_unique<dynamo_client>(*http_, *keys_, time_, log_, registry_, config, name));
  dynamo_client& client = *dynamo_.back();
  dynamo_store_terms terms{config.table,
                           lease_terms(node_identity(config_.sessions.socket), name, config_.sessions.lease),
                           config_.sessions.sdk_lock_timeout};
  terms.service_says_what_failed = client.is_aws();
  return make_dynamo_store(client, time_, make_item_schema(config_.sessions), std::move(terms));
}

result<void> app::open_journal() {
  const std::string& path = config_.sessions.journal_file;
  if (config_.sessions.durability != "journal") {
    const auto left = commits_left_in(path);
    if (!left) return named("sessions.journal_file", left.error());
    if (*left == 0) return {};
    return error(errc::misconfigured, "sessions.durability: " + path + " still holds " + std::to_string(*left) +
                                          " commits that DynamoDB may not have; set it to \"journal\" once more until" +
                                          " INFO says journal_pending:0, or move the file away to give them up");
  }
  auto file = journal_file::open(path, config_.dynamodb.table);
  if (!file) return named("sessions.journal_file", file.error());
  auto left = (*file)->rows();
  if (!left) return named("sessions.journal_file", left.error());
  if (!left->empty()) log_.info("journal.recovered", "pending", left->size());
  const auto in_use = [this] { return following_ == nullptr ? std::string() : following_->where().in_use(); };
  journal_ = std::make_unique<journal_store>(*store_, in_use, std::move(*file), std::move(*left), time_, log_,
                                             registry_, config_.sessions, io_.get_executor());
  return {};
}

result<void> app::preflight() {
  result<void> outcome;
  const auto keep = [&outcome](std::exception_ptr failure, result<void> value) {
    if (failure) std::rethrow_exception(failure);
    outcome = std::move(value);
  };
  const auto deadline = time_.steady() + preflight_time;
  asio::co_spawn(io_, preflight_dynamodb(*keys_, *dynamo_.front(), config_.dynamodb.table, deadline), keep);
  io_.run();
  io_.restart();
  return outcome;
}

result<void> app::start() {
  allow_open_files(config_.sessions.max_connections, log_);
  if (auto opened = open_store(); !opened) return opened;
  if (auto opened = open_journal(); !opened) return opened;
  signals_.emplace(io_.get_executor(), log_);
  unix_listen_options where;
  where.path = config_.sessions.socket;
  where.mode = mode_in(config_.sessions.socket_mode);
  where.group = config_.sessions.socket_group;
  auto listener = unix_listener::bind(io_.get_executor(), where);
  if (!listener) {
    const bool group = listener.error().code() == errc::misconfigured;
    return named(group ? "sessions.socket_group" : "sessions.socket", listener.error());
  }
  session_store& store = journal_ ? *journal_ : *store_;
  sessions_ = std::make_unique<session_service>(store, time_, log_, config_.sessions, io_.get_executor());
  server_facts facts;
  facts.info = [this] { return info(); };
  facts.metrics = [this] {
    if (journal_) journal_->measure();
    if (following_ != nullptr) following_->measure();
    return registry_.render();
  };
  commands_ = std::make_unique<dispatcher>(*sessions_, time_, log_, registry_, std::move(facts));
  redis_ = std::make_unique<redis_dialect>(*sessions_, time_, config_.sessions.redis, io_.get_executor());
  commands_->speak(*redis_);
  server_ = std::make_unique<server>(std::move(*listener), config_.sessions, *commands_, log_, registry_);
  return {};
}

result<int> app::run() {
  if (auto started = start(); !started) return started.error();
  spawn(io_.get_executor(), log_, "accept", server_->accept());
  if (config_.sessions.locking == "cluster")
    spawn(io_.get_executor(), log_, "keep leases", sessions_->locks().keep_leases());
  if (watch_) spawn(io_.get_executor(), log_, "state watch", watch_->run());
  if (notices_) {
    for (std::size_t i = 0; i < dynamo_.size(); ++i)
      spawn(io_.get_executor(), log_, "region notices", notices_->watch(i));
  }
  if (journal_) spawn(io_.get_executor(), log_, "flush journal", journal_->flush());
  if (keys_) spawn(io_.get_executor(), log_, "credentials", keys_->run());
  spawn(io_.get_executor(), log_, "supervise", serve_until_signal());
  log_.info("sessiond.ready", "version", MOORING_VERSION, "socket", config_.sessions.socket, "store",
            config_.sessions.store, "schema", config_.sessions.schema, "durability", config_.sessions.durability,
            "locking", config_.sessions.locking, "region", config_.region.primary);
  notify_service_manager("READY=1");
  io_.run();
  // Leases that are given back, calls of the store that nobody waits for, threads that the disk holds.
  io_.restart();
  io_.run_until(stop_by_);
  if (!io_.stopped()) {
    // It refers to parts of this object, so nothing may be destroyed. What clients were told is kept without it.
    log_.info("sessiond.stopped", "left", "work behind the clients");
    flush_log_and_exit(EXIT_SUCCESS);
  }
  log_.info("sessiond.stopped");
  exit_at(time_.steady() + exit_margin, EXIT_FAILURE);
  return EXIT_SUCCESS;
}

task<void> app::serve_until_signal() {
  const int number = co_await signals_->first();
  log_.info("sessiond.draining", "signal", number, "connections", server_->connections());
  notify_service_manager("STOPPING=1");
  const steady_time end = time_.steady() + config_.sessions.drain_grace;
  stop_by_ = end + stop_margin;
  exit_at(stop_by_ + exit_margin, EXIT_FAILURE);
  co_await drain(end);
  io_.stop();
}

task<void> app::drain(steady_time end) {
  const bool clean = co_await server_->drain(config_.sessions.drain_grace);
  while (following_ != nullptr && following_->replaying() && time_.steady() < end)
    co_await sleep_for(between_replay_looks);
  if (journal_) co_await journal_->drain(std::max(end, time_.steady() + least_flush_time));
  if (!clean) {
    // Frames of stuck connections refer to parts of this object, so nothing may be destroyed under them.
    log_.warn("sessiond.drain_cut_short", "connections", server_->connections());
    flush_log_and_exit(EXIT_FAILURE);
  }
  if (journal_) journal_->stop();
  if (keys_) keys_->stop();
  if (watch_) watch_->stop();
  if (notices_) notices_->stop();
  if (following_ != nullptr) following_->stop();
  sessions_->locks().stop();
  signals_->stop_listening();
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
  out += "\r\nregion:" + (following_ == nullptr ? config_.region.primary : following_->where().preferred());
  if (following_ != nullptr) {
    out += "\r\nregion_epoch:" + std::to_string(watch_->epoch());
    out += "\r\nregion_in_use:" + following_->where().in_use();
    out += "\r\nregion_in_doubt:" + std::to_string(following_->where().in_doubt() ? 1 : 0);
    out += "\r\nbridging:" + std::to_string(following_->where().bridging() ? 1 : 0);
  }
  out += "\r\ndurability:" + config_.sessions.durability;
  if (journal_) {
    out += "\r\njournal_pending:" + std::to_string(journal_->pending());
    out += "\r\njournal_bytes:" + std::to_string(journal_->pending_bytes());
  }
  if (!dynamo_.empty()) out += "\r\nschema:" + config_.sessions.schema + "\r\ncapacity_units_total:" + units(dynamo_);
  out += "\r\n";
  return out;
}

}  // namespace mooring::sessiond
