// Reads one TOML file into variables, and collects every fault instead of stopping at the first.
//
//   auto reader = config_reader::from_file("/etc/mooring/mooring.toml");
//   reader.text("region.primary", settings.region.primary);
//   reader.duration("sessions.lock_wait", settings.sessions.lock_wait, 0ms, 60s);
//   auto faults = reader.finish();     // also names every key that nobody asked for
//
// A key that is absent leaves its variable, the default, as it is. A fault reads "file:line: key: found; remedy".
// Durations are text with a unit ("250ms", "5s", "2m", "1h"); a bare number is a fault, because its unit is a guess.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mooring {

// One key as the code knows it, in the words of docs/configuration.md and the syntax of TOML.
struct known_setting {
  std::string key;            // "region.fall"
  std::string type;           // "text", "number", "duration", "true/false", "list of texts", ...
  std::string default_value;  // "\"5s\"", "3", "[]"
  std::string values;         // "2 to 100", "fail warn"; empty: not one of a range or of some words
};

class config_reader {
 public:
  // An unreadable file or a syntax error is a fault like any other; reading then goes on with an empty file.
  static config_reader from_file(const std::string& path);
  static config_reader from_text(std::string_view toml, const std::string& name);
  ~config_reader();
  config_reader(config_reader&&) noexcept;

  void text(std::string_view key, std::string& value);
  void choice(std::string_view key, std::string& value, const std::vector<std::string>& allowed);
  void boolean(std::string_view key, bool& value);
  void integer(std::string_view key, std::int64_t& value, std::int64_t lowest, std::int64_t highest);
  void duration(std::string_view key, std::chrono::milliseconds& value, std::chrono::milliseconds lowest,
                std::chrono::milliseconds highest);
  void text_map(std::string_view key, std::map<std::string, std::string>& value);
  void integer_list(std::string_view key, std::vector<std::int64_t>& value);
  void text_list(std::string_view key, std::vector<std::string>& value);
  // One text stands for a list of one, and an empty text for an empty list.
  void text_or_list(std::string_view key, std::vector<std::string>& value);

  // A fault that the caller found, e.g. two settings that exclude each other; placed at `key` when the file has it.
  void fault(std::string_view key, std::string_view what);

  // The keys that the calls above named, in their order.
  const std::vector<known_setting>& known() const;

  // All faults, sorted by line; first adds one for every key in the file that no call above named.
  std::vector<std::string> finish();

 private:
  struct state;
  explicit config_reader(std::unique_ptr<state> s);
  void take_text(known_setting setting, std::string& value);
  std::unique_ptr<state> state_;
};

}  // namespace mooring
