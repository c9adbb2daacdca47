#include "mooring/settings/settings.hpp"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <set>

#include "mooring/base/config_reader.hpp"
#include "rules.hpp"

namespace mooring {
namespace {

using namespace std::chrono_literals;

// Room for two of the largest sessions; and what still fits the memory of a node, where the journal is, too.
constexpr std::int64_t least_journal_bytes = std::int64_t{1024} * 1024;
constexpr std::int64_t most_journal_bytes = std::int64_t{16} * 1024 * 1024 * 1024;

const std::vector<std::string> fail_or_warn{"fail", "warn"};

void read_region(config_reader& in, region_settings& out) {
  in.text("region.primary", out.primary);
  in.text("region.secondary", out.secondary);
  in.text("region.state_file", out.state_file);
  in.text("region.memory_file", out.memory_file);
  in.text_or_list("region.control", out.control);
  in.choice("region.policy", out.policy, {"follow", "evacuate"});
  // One failed probe is never a failure of a region, and some in a row within an instant are one event.
  in.integer("region.fall", out.fall, 2, 100);
  in.duration("region.min_fail_time", out.min_fail_time, 1s, 5min);
  in.integer("region.window", out.window, 4, 1000);
  in.integer("region.rise", out.rise, 2, 100);
  in.duration("region.min_dwell", out.min_dwell, 0ms, 24h);
  in.choice("region.failback", out.failback, {"auto", "manual"});
  in.duration("region.failback_hold", out.failback_hold, 0ms, 24h);
  // Moving back needs a second move in reserve.
  in.integer("region.max_moves_per_hour", out.max_moves_per_hour, 2, 60);
}

void read_dynamodb(config_reader& in, dynamodb_settings& out) {
  in.text("dynamodb.table", out.table);
  in.text_map("dynamodb.endpoints", out.endpoints);
  in.duration("dynamodb.connect_timeout", out.connect_timeout, 50ms, 30s);
  in.duration("dynamodb.attempt_timeout", out.attempt_timeout, 100ms, 60s);
}

void read_sessions(config_reader& in, session_settings& out) {
  in.text("sessions.socket", out.socket);
  in.text("sessions.socket_mode", out.socket_mode);
  in.text("sessions.socket_group", out.socket_group);
  in.integer_list("sessions.allow_uids", out.allow_uids);
  in.choice("sessions.store", out.store, {"dynamodb", "embedded"});
  in.text("sessions.embedded_file", out.embedded_file);
  in.choice("sessions.schema", out.schema, {"mooring", "aws-sdk-php"});
  in.text("sessions.sdk.hash_key", out.sdk.hash_key);
  in.text("sessions.sdk.data_attribute", out.sdk.data_attribute);
  in.text("sessions.sdk.lifetime_attribute", out.sdk.lifetime_attribute);
  in.choice("sessions.sdk.data_type", out.sdk.data_type, {"string", "binary"});
  in.duration("sessions.sdk_lock_timeout", out.sdk_lock_timeout, 0ms, 1h);
  in.choice("sessions.durability", out.durability, {"write-through", "journal"});
  in.text("sessions.journal_file", out.journal_file);
  in.integer("sessions.journal_max_bytes", out.journal_max_bytes, least_journal_bytes, most_journal_bytes);
  in.choice("sessions.locking", out.locking, {"cluster", "node", "none"});
  in.duration("sessions.lock_wait", out.lock_wait, 0ms, 10min);
  in.choice("sessions.on_lock_timeout", out.on_lock_timeout, {"error", "read_only"});
  in.duration("sessions.lease", out.lease, 2s, 5min);
  in.duration("sessions.deadline", out.deadline, 100ms, 60s);
  in.duration("sessions.region_patience", out.region_patience, 100ms, 30s);
  in.duration("sessions.replay_window", out.replay_window, 0ms, 1h);
  in.integer("sessions.max_connections", out.max_connections, 1, 100'000);
  in.duration("sessions.drain_grace", out.drain_grace, 0ms, 10min);
  in.text_map("sessions.redis.prefixes", out.redis.prefixes);
  in.duration("sessions.redis.lock_ttl", out.redis.lock_ttl, 0ms, 24h);
  in.text("sessions.redis.password_file", out.redis.password_file);
}

void read_sidecar(config_reader& in, sidecar_settings& out) {
  in.text("sidecar.listen", out.listen);
  in.text("sidecar.control", out.control);
  in.text("sidecar.admin", out.admin);
  in.integer("sidecar.max_connections", out.max_connections, 1, 100'000);
  in.duration("sidecar.request_deadline", out.request_deadline, 100ms, 60s);
  in.duration("sidecar.drain_delay", out.drain_delay, 0ms, 10min);
  in.duration("sidecar.drain_grace", out.drain_grace, 0ms, 10min);
}

void read_checks(config_reader& in, check_settings& out) {
  in.duration("checks.interval", out.interval, 50ms, 5min);
  in.duration("checks.fast_interval", out.fast_interval, 50ms, 5min);
  in.integer("checks.rise", out.rise, 1, 100);
  in.integer("checks.fall", out.fall, 1, 100);
  in.text("checks.mysql.host", out.mysql.host);
  in.integer("checks.mysql.port", out.mysql.port, 1, 65535);
  in.text("checks.mysql.socket", out.mysql.socket);
  in.text("checks.mysql.user", out.mysql.user);
  in.text("checks.mysql.password_file", out.mysql.password_file);
  in.text("checks.mysql.database", out.mysql.database);
  in.duration("checks.mysql.timeout", out.mysql.timeout, 100ms, 60s);
  in.choice("checks.mysql.on_failure", out.mysql.on_failure, fail_or_warn);
  in.boolean("checks.dynamodb.enabled", out.dynamodb.enabled);
  in.duration("checks.dynamodb.timeout", out.dynamodb.timeout, 100ms, 60s);
  in.integer("checks.dynamodb.fresh_every", out.dynamodb.fresh_every, 1, 1000);
  in.choice("checks.dynamodb.on_failure", out.dynamodb.on_failure, fail_or_warn);
  in.boolean("checks.sessiond.enabled", out.sessiond.enabled);
  in.duration("checks.sessiond.timeout", out.sessiond.timeout, 100ms, 60s);
  in.choice("checks.sessiond.on_failure", out.sessiond.on_failure, fail_or_warn);
}

void apply_environment(config_reader& in, settings& out, const environment& env) {
  const auto take = [&env](const char* name, std::string& target) {
    if (const auto value = env(name); value && !value->empty()) target = *value;
  };
  take("AWS_REGION", out.region.primary);
  take("DYNAMODB_REGION", out.region.primary);
  if (const auto url = env("AWS_ENDPOINT_URL_DYNAMODB"); url && !url->empty())
    out.dynamodb.endpoints[out.region.primary] = *url;
  take("DB_HOST", out.checks.mysql.host);
  take("DB_NAME", out.checks.mysql.database);
  take("DB_USER", out.checks.mysql.user);
  take("DB_PASS", out.checks.mysql.password);
  if (const auto port = env("DB_PORT"); port && !port->empty()) {
    const auto [end, ec] = std::from_chars(port->data(), port->data() + port->size(), out.checks.mysql.port);
    if (ec != std::errc{} || *end != '\0' || out.checks.mysql.port < 1 || out.checks.mysql.port > 65535)
      in.fault("DB_PORT", "found \"" + *port + "\" in the environment; set a port from 1 to 65535");
  }
}

void read_password(config_reader& in, const char* key, const std::string& path, std::string& password) {
  if (path.empty() || !password.empty()) return;
  std::ifstream file(path);
  if (!std::getline(file, password) || password.empty())
    in.fault(key, "cannot read " + path + "; give a file that this user can read, the password on its first line");
}

table_names names_of(const session_settings& s) {
  if (s.schema == "mooring") return {};
  return {s.sdk.hash_key, s.sdk.lifetime_attribute};
}

void read_publish(config_reader& in, publish_settings& out) {
  in.text("publish.nginx_region_conf", out.nginx_region_conf);
  in.text_list("publish.nginx_test", out.nginx_test);
  in.text_list("publish.nginx_reload", out.nginx_reload);
}

void read_hooks(config_reader& in, hook_settings& out) {
  in.text("hooks.node_folder", out.node_folder);
  in.text("hooks.fleet_folder", out.fleet_folder);
  in.duration("hooks.timeout", out.timeout, 1s, 10min);
  in.integer("hooks.tries", out.tries, 1, 20);
  in.duration("hooks.retry_pause", out.retry_pause, 100ms, 10min);
  in.text_list("hooks.environment", out.environment);
}

void read_all(config_reader& in, settings& out) {
  in.choice("log.level", out.log_level, {"debug", "info", "warn", "error"});
  read_region(in, out.region);
  read_dynamodb(in, out.dynamodb);
  read_sessions(in, out.sessions);
  read_sidecar(in, out.sidecar);
  read_checks(in, out.checks);
  read_publish(in, out.publish);
  read_hooks(in, out.hooks);
}

loaded_settings load(config_reader in, const environment& env) {
  loaded_settings out;
  settings& s = out.values;
  read_all(in, s);
  apply_environment(in, s, env);
  read_password(in, "checks.mysql.password_file", s.checks.mysql.password_file, s.checks.mysql.password);
  read_password(in, "sessions.redis.password_file", s.sessions.redis.password_file, s.sessions.redis.password);
  check_rules(in, s);
  s.dynamodb.names = names_of(s.sessions);
  out.faults = in.finish();
  return out;
}

}  // namespace

environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return std::string(value);
  };
}

loaded_settings load_settings(const std::string& path, bool may_be_absent, const environment& env) {
  if (may_be_absent && ::access(path.c_str(), F_OK) != 0) return load(config_reader::from_text("", path), env);
  return load(config_reader::from_file(path), env);
}

loaded_settings load_settings_from_text(std::string_view toml, const environment& env) {
  return load(config_reader::from_text(toml, "settings"), env);
}

std::vector<known_setting> known_settings() {
  settings defaults;
  config_reader nothing = config_reader::from_text("", "");
  read_all(nothing, defaults);
  return nothing.known();
}

std::optional<host_port> parse_host_port(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  if (host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  unsigned port = 0;
  const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (ec != std::errc{} || end != digits.data() + digits.size() || port > 65535 || host.empty()) return std::nullopt;
  host_port out;
  out.host = std::string(host);
  out.port = static_cast<std::uint16_t>(port);
  return out;
}

}  // namespace mooring
