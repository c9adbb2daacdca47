// One logfmt line per event: ts=... level=info event=sessiond.ready socket=/run/mooring/sessiond.sock
//
// An event name is a constant with dots; everything that varies is a key and a value. Values with spaces, quotes or
// control bytes are quoted and escaped, so that foreign text cannot forge a line. Under journald (JOURNAL_STREAM is
// set) the time stamp is left to the journal and the line starts with its priority, e.g. <6>.
//
// Logging never waits. Lines for standard error are written by a thread of their own, in order; a line over 4 KiB is
// cut. When standard error takes nothing, because nobody reads the pipe or the file's disk hangs, 1024 lines are kept
// and the ones after them are dropped; once it takes lines again, event=log.dropped says how many.
//
// An end of the process waits for the lines that are queued, half a second at most: exit(), flush_log_and_exit(), and a
// crash by an assertion, an exception or a signal. std::_Exit() does not.
//
// A logger and its copies are used by one thread, the daemon's.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

namespace spdlog {
class logger;
}

namespace mooring {

enum class log_level { debug, info, warn, error };

// "debug", "warn", "error"; info for every other name.
log_level log_level_named(std::string_view name);

class logger {
 public:
  static logger to_stderr(log_level level);
  // Lines are appended to `sink`, without time stamps: for tests.
  static logger to_string(std::string& sink, log_level level = log_level::debug);

  template <class... Fields>
  void debug(std::string_view event, const Fields&... fields) const {
    write(log_level::debug, event, fields...);
  }
  template <class... Fields>
  void info(std::string_view event, const Fields&... fields) const {
    write(log_level::info, event, fields...);
  }
  template <class... Fields>
  void warn(std::string_view event, const Fields&... fields) const {
    write(log_level::warn, event, fields...);
  }
  template <class... Fields>
  void error(std::string_view event, const Fields&... fields) const {
    write(log_level::error, event, fields...);
  }

 private:
  explicit logger(std::shared_ptr<spdlog::logger> target) : target_(std::move(target)) {}

  template <class... Fields>
  void write(log_level level, std::string_view event, const Fields&... fields) const {
    static_assert(sizeof...(Fields) % 2 == 0, "fields are pairs: key, value, key, value");
    if (!enabled(level)) return;
    std::string line = "event=";
    line.append(event);
    append_pairs(line, fields...);
    emit(level, line);
  }

  static void append_pairs(std::string&) {}
  template <class Value, class... Rest>
  static void append_pairs(std::string& line, std::string_view key, const Value& value, const Rest&... rest) {
    line.append(" ").append(key).append("=");
    if constexpr (std::is_same_v<Value, bool>)
      line.append(value ? "true" : "false");
    else if constexpr (std::is_arithmetic_v<Value>)
      line.append(std::to_string(value));
    else
      append_value(line, value);
    append_pairs(line, rest...);
  }
  static void append_value(std::string& line, std::string_view value);
  bool enabled(log_level level) const;
  void emit(log_level level, const std::string& line) const;

  std::shared_ptr<spdlog::logger> target_;
};

// Ends the process without destroying anything: for a daemon one of whose threads cannot be ended. For the loop's
// thread or main's.
[[noreturn]] void flush_log_and_exit(int exit_code);

}  // namespace mooring
