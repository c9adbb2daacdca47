// Every setting of Mooring, with its default: one file configures both daemons and mooringctl.
//
// A default is written here and nowhere else in the code; its range is in settings.cpp. docs/configuration.md and
// deploy/mooring.toml repeat them for people, and a unit test compares every row with known_settings().
//
// load_settings() applies, in this order, the defaults below, the file, and the environment that deployments inject
// (DB_HOST, DB_PORT, DB_NAME, DB_USER, DB_PASS, AWS_REGION, DYNAMODB_REGION, AWS_ENDPOINT_URL_DYNAMODB). It reports all
// faults at once.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace mooring {

using std::chrono::milliseconds;

struct known_setting;

// Each is asked as often as a region.
constexpr std::size_t most_control_urls = 8;

struct region_settings {
  std::string primary = "us-east-1";
  std::string secondary;  // empty: one region
  std::string state_file = "/run/mooring/region.json";
  std::string memory_file = "/var/lib/mooring/sidecar.json";  // what the sidecar remembers over a restart
  std::vector<std::string> control;  // URLs that have nothing to do with the regions; empty: none is asked
  std::string policy = "follow";
  std::int64_t fall = 3;              // probes in a row that have to fail before a region is down ...
  milliseconds min_fail_time{5'000};  // ... and the time that they have to span
  std::int64_t window = 20;           // a region is down as well when half of this many probes failed
  std::int64_t rise = 5;              // successes in a row that bring it up again
  milliseconds min_dwell{60'000};     // a region that was moved to is not left before
  std::string failback = "auto";
  milliseconds failback_hold{300'000};  // how long the primary must answer every probe before it is used again
  std::int64_t max_moves_per_hour = 6;
};

// Follows from sessions.schema and sessions.sdk; no key of its own.
struct table_names {
  std::string partition_key = "session_id";
  std::string ttl_attribute = "expires";
};

struct dynamodb_settings {
  std::string table = "mooring_sessions";
  table_names names;
  std::map<std::string, std::string> endpoints;  // region -> URL; absent: AWS's own endpoint
  milliseconds connect_timeout{1000};            // DNS + TCP + TLS of one try
  milliseconds attempt_timeout{1500};            // one try in all; the next one uses a fresh connection
};

struct redis_settings {
  // What Redis clients put before an id -> the session name; longest match first.
  std::map<std::string, std::string> prefixes{{"PHPREDIS_SESSION:", "PHPSESSID"}, {"sess_", "PHPSESSID"}};
  milliseconds lock_ttl{0};   // of locks that are taken without PX; 0: as long as their connection
  std::string password_file;  // empty: AUTH takes anything, and nobody needs it
  std::string password;       // from password_file, never printed
};

// How the session handler of the AWS SDK for PHP was set up; its option in brackets.
struct sdk_settings {
  std::string hash_key = "id";                 // (hash_key)
  std::string data_attribute = "data";         // (data_attribute)
  std::string lifetime_attribute = "expires";  // (session_lifetime_attribute)
  std::string data_type = "string";            // (data_attribute_type)
};

struct session_settings {
  std::string socket = "/run/mooring/sessiond.sock";
  std::string socket_mode = "0660";
  std::string socket_group;              // empty: the group of the process
  std::vector<std::int64_t> allow_uids;  // empty: whoever the mode lets in
  std::string store = "dynamodb";
  std::string embedded_file = "/var/lib/mooring/sessions.db";
  std::string schema = "mooring";
  sdk_settings sdk;
  milliseconds sdk_lock_timeout{30'000};
  std::string durability = "write-through";  // who acknowledges a commit: DynamoDB, or "journal"
  std::string journal_file = "/var/lib/mooring/journal.db";
  std::int64_t journal_max_bytes = std::int64_t{64} * 1024 * 1024;
  std::string locking = "cluster";
  milliseconds lease{15'000};             // how long a node that died keeps its sessions from the others
  milliseconds lock_wait{17'000};         // longer than the lease
  std::string on_lock_timeout = "error";  // or "read_only"
  milliseconds deadline{5'000};           // for the store's part of one command
  milliseconds region_patience{1'000};    // with the first region, before the other one is asked
  milliseconds replay_window{120'000};    // how long writes are kept for the other region
  std::int64_t max_connections = 4096;
  milliseconds drain_grace{10'000};
  redis_settings redis;
};

struct sidecar_settings {
  std::string listen = "0.0.0.0:8081";
  std::string admin = "127.0.0.1:8082";
  std::string control = "/run/mooring/control.sock";  // empty: none
  std::int64_t max_connections = 1024;
  milliseconds request_deadline{5'000};
  milliseconds drain_delay{5'000};
  milliseconds drain_grace{10'000};
};

struct mysql_check_settings {
  std::string host;  // host and socket empty: no MySQL check
  std::int64_t port = 3306;
  std::string socket;
  std::string user;
  std::string password_file;
  std::string password;  // from DB_PASS or password_file, never from the TOML file, never printed
  std::string database;
  milliseconds timeout{2'000};
  std::string on_failure = "fail";

  bool enabled() const { return !host.empty() || !socket.empty(); }
};

struct dynamodb_check_settings {
  bool enabled = true;  // off by itself with the embedded store
  milliseconds timeout{2'000};
  std::int64_t fresh_every = 12;
  std::string on_failure = "fail";
};

struct sessiond_check_settings {
  bool enabled = true;
  milliseconds timeout{1'000};
  std::string on_failure = "fail";
};

struct check_settings {
  milliseconds interval{2'000};
  milliseconds fast_interval{500};
  std::int64_t rise = 2;
  std::int64_t fall = 3;
  mysql_check_settings mysql;
  dynamodb_check_settings dynamodb;
  sessiond_check_settings sessiond;
};

struct publish_settings {
  std::string nginx_region_conf;        // empty: nothing is written
  std::vector<std::string> nginx_test;  // commands, word by word; empty: not run
  std::vector<std::string> nginx_reload;
};

struct hook_settings {
  std::string node_folder = "/etc/mooring/hooks/node.d";
  std::string fleet_folder = "/etc/mooring/hooks/fleet.d";
  milliseconds timeout{30'000};  // of one try
  std::int64_t tries = 6;
  milliseconds retry_pause{10'000};      // doubled after each try
  std::vector<std::string> environment;  // further variables of the daemon that hooks get
};

struct settings {
  std::string log_level = "info";
  region_settings region;
  dynamodb_settings dynamodb;
  session_settings sessions;
  sidecar_settings sidecar;
  check_settings checks;
  publish_settings publish;
  hook_settings hooks;
};

using environment = std::function<std::optional<std::string>(const std::string& name)>;
environment process_environment();

struct loaded_settings {
  settings values;
  std::vector<std::string> faults;  // one line each; when not empty, values must not be used
};

// `path`: where the file is; an absent file is a fault unless `may_be_absent` (the default path of a fresh install).
loaded_settings load_settings(const std::string& path, bool may_be_absent, const environment& env);
loaded_settings load_settings_from_text(std::string_view toml, const environment& env);

// Every key that a file may have, with its type, default and range (config_reader.hpp).
std::vector<known_setting> known_settings();

// "127.0.0.1:8081" and "[::1]:8081" -> host and port; nothing for anything else.
struct host_port {
  std::string host;
  std::uint16_t port;
};
std::optional<host_port> parse_host_port(std::string_view text);

}  // namespace mooring
