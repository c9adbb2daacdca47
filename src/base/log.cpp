#include "mooring/base/log.hpp"

#include <limits.h>
#include <poll.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <utility>

#include "log_writer.hpp"

namespace mooring {
namespace {

spdlog::level::level_enum to_spdlog(log_level level) {
  switch (level) {
    case log_level::debug:
      return spdlog::level::debug;
    case log_level::info:
      return spdlog::level::info;
    case log_level::warn:
      return spdlog::level::warn;
    case log_level::error:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

const char* name_of(log_level level) {
  static constexpr const char* names[] = {"debug", "info", "warn", "error"};
  return names[static_cast<int>(level)];
}

// syslog(3) priorities in the form that journald strips from a line: <7>debug ... <3>error.
const char* journal_prefix(log_level level) {
  static constexpr const char* prefixes[] = {"<7>", "<6>", "<4>", "<3>"};
  return prefixes[static_cast<int>(level)];
}

bool under_journal() {
  static const bool yes = std::getenv("JOURNAL_STREAM") != nullptr;
  return yes;
}

class string_sink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  explicit string_sink(std::string& target) : target_(target) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    target_.append(message.payload.data(), message.payload.size()).append("\n");
  }
  void flush_() override {}
  std::string& target_;
};

// The whole line, though another program may have made standard error non-blocking.
void write_to_stderr(std::string_view text) {
  while (!text.empty()) {
    const auto count = ::write(STDERR_FILENO, text.data(), text.size());
    if (count > 0) text.remove_prefix(static_cast<std::size_t>(count));
    if (count >= 0 || errno == EINTR) continue;
    // A log that cannot be written has nowhere to say so.
    if (errno != EAGAIN) return;
    pollfd where{STDERR_FILENO, POLLOUT, 0};
    ::poll(&where, 1, -1);
  }
}

std::atomic<log_writer*> writer_to_flush{nullptr};

// Calls only what signal-safety(7) allows.
void flush_before_crash(int number) {
  constexpr milliseconds between_looks{10};
  log_writer* const writer = writer_to_flush;
  milliseconds waited{0};
  while (writer != nullptr && writer->unwritten() > 0 && waited < log_writer::flush_time) {
    ::poll(nullptr, 0, static_cast<int>(between_looks.count()));
    waited += between_looks;
  }
  std::signal(number, SIG_DFL);
  ::raise(number);
}

// Sanitizers keep the handlers that they have set.
void flush_at_crashes() {
  for (const int number : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL}) {
    struct ::sigaction present {};
    if (::sigaction(number, nullptr, &present) == 0 && present.sa_handler == SIG_DFL)
      std::signal(number, flush_before_crash);
  }
}

// One for the process, as standard error is one. Its end at exit() flushes it.
class stderr_writer {
 public:
  static log_writer& get() {
    static stderr_writer one;
    return one.writer_;
  }

 private:
  stderr_writer() : writer_(write_to_stderr, under_journal() ? journal_prefix(log_level::warn) : "") {
    writer_to_flush = &writer_;
    flush_at_crashes();
  }
  ~stderr_writer() { writer_to_flush = nullptr; }

  log_writer writer_;
};

class stderr_sink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    if (line.size() > PIPE_BUF) {
      line.resize(PIPE_BUF);
      line[PIPE_BUF - 1] = '\n';
    }
    stderr_writer::get().put(std::string(line.data(), line.size()));
  }
  void flush_() override {}
};

std::shared_ptr<spdlog::logger> make(std::shared_ptr<spdlog::sinks::sink> sink, log_level level) {
  auto made = std::make_shared<spdlog::logger>("mooring", std::move(sink));
  made->set_level(to_spdlog(level));
  made->flush_on(spdlog::level::trace);
  return made;
}

}  // namespace

log_level log_level_named(std::string_view name) {
  if (name == "debug") return log_level::debug;
  if (name == "warn") return log_level::warn;
  if (name == "error") return log_level::error;
  return log_level::info;
}

logger logger::to_stderr(log_level level) {
  auto made = make(std::make_shared<stderr_sink>(), level);
  made->set_pattern(under_journal() ? "%v" : "ts=%Y-%m-%dT%H:%M:%S.%eZ %v", spdlog::pattern_time_type::utc);
  return logger(std::move(made));
}

logger logger::to_string(std::string& sink, log_level level) {
  return logger(make(std::make_shared<string_sink>(sink), level));
}

void logger::append_value(std::string& line, std::string_view value) {
  const bool plain = !value.empty() && value.find_first_of(" =\"\\") == std::string_view::npos &&
                     std::none_of(value.begin(), value.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  if (plain) {
    line.append(value);
    return;
  }
  static constexpr char hex[] = "0123456789abcdef";
  line.push_back('"');
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      line.append({'\\', c});
    else if (byte < 0x20 || byte == 0x7f)
      line.append({'\\', 'x', hex[byte >> 4], hex[byte & 15]});
    else
      line.push_back(c);
  }
  line.push_back('"');
}

bool logger::enabled(log_level level) const {
  return target_->should_log(to_spdlog(level));
}

void logger::emit(log_level level, const std::string& line) const {
  std::string whole = under_journal() ? journal_prefix(level) : "";
  whole.append("level=").append(name_of(level)).append(" ").append(line);
  target_->log(to_spdlog(level), "{}", whole);
}

void flush_log_and_exit(int exit_code) {
  stderr_writer::get().flush();
  std::_Exit(exit_code);
}

}  // namespace mooring
