#include "mooring/net/child_process.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <memory>

#include "mooring/net/deadline.hpp"
#include "mooring/net/own_thread.hpp"

namespace mooring {
namespace {

using namespace std::chrono_literals;

constexpr auto look_every = 5ms;
constexpr auto look_for_start_every = 1ms;
constexpr auto patience_with_start = 250ms;
constexpr std::size_t longest_error_tail = 1024;
constexpr int most_reads = 32;
// A killed process is gone at once unless the kernel waits for a device; then it is left to init.
constexpr int looks_after_kill = 200;

class pipe_end {
 public:
  pipe_end() = default;
  explicit pipe_end(int fd) : fd_(fd) {}
  pipe_end(pipe_end&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  pipe_end& operator=(pipe_end&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~pipe_end() {
    if (fd_ >= 0) ::close(fd_);
  }
  int fd() const { return fd_; }

 private:
  int fd_ = -1;
};

struct pipe_pair {
  pipe_end reading;
  pipe_end writing;

  // False: out of descriptors.
  bool open() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return false;
    reading = pipe_end(ends[0]);
    writing = pipe_end(ends[1]);
    return ::fcntl(reading.fd(), F_SETFL, O_NONBLOCK) == 0;
  }
};

struct output_pipes {
  pipe_pair out;
  pipe_pair err;
};

// Appends what is there, one pipe's worth at most. False: over `limit`, which a tail never is: its beginning goes.
bool read_available(const pipe_end& from, std::string& into, std::size_t limit, bool tail_only) {
  std::array<char, 4096> chunk;
  for (int turn = 0; turn < most_reads; ++turn) {
    const auto count = ::read(from.fd(), chunk.data(), chunk.size());
    if (count <= 0) return true;
    into.append(chunk.data(), static_cast<std::size_t>(count));
    if (into.size() <= limit) continue;
    if (!tail_only) return false;
    into.erase(0, into.size() - limit);
  }
  return true;
}

// For C: a null pointer ends them, and nobody writes to them.
std::vector<char*> pointers_to(const std::vector<std::string>& words) {
  std::vector<char*> out;
  for (const auto& word : words)
    out.push_back(const_cast<char*>(word.c_str()));
  out.push_back(nullptr);
  return out;
}

std::vector<std::string> environment_of(const program& what) {
  std::vector<std::string> out;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string text = *variable;
    const std::string name = text.substr(0, text.find('='));
    const bool inherited = !what.inherits || what.inherits(name);
    if (inherited && what.environment.count(name) == 0) out.push_back(text);
  }
  for (const auto& [name, value] : what.environment)
    out.push_back(name + "=" + value);
  return out;
}

class child {
 public:
  child() = default;
  child(const child&) = delete;
  child& operator=(const child&) = delete;
  ~child() {
    if (pid_ <= 0) return;
    kill_group();
    ended();
  }

  // 0, or the number of the error.
  int start(const std::vector<std::string>& words, const std::vector<std::string>& variables,
            const output_pipes& pipes) {
    const std::vector<char*> argv = pointers_to(words);
    const std::vector<char*> envp = pointers_to(variables);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, pipes.out.writing.fd(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files, pipes.err.writing.fd(), STDERR_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setpgroup(&attributes, 0);
    sigset_t signals;
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes, &signals);
    sigaddset(&signals, SIGPIPE);
    posix_spawnattr_setsigdefault(&attributes, &signals);
    const int failed = ::posix_spawnp(&pid_, argv[0], &files, &attributes, argv.data(), envp.data());
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    if (failed != 0) pid_ = 0;
    return failed;
  }

  void kill_group() const { ::kill(-pid_, SIGKILL); }
  void ask_to_end() const { ::kill(-pid_, SIGTERM); }

  // Whether it has ended; then exit_code() is set.
  bool ended() {
    siginfo_t seen{};
    if (::waitid(P_PID, static_cast<id_t>(pid_), &seen, WEXITED | WNOHANG | WNOWAIT) == 0 && seen.si_pid == 0)
      return false;
    // What it left behind in its group would run on; while the leader is not reaped the group's number is its own.
    kill_group();
    int status = 0;
    ::waitpid(pid_, &status, 0);
    exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    pid_ = 0;
    return true;
  }

  bool has_ended() const { return pid_ == 0; }
  int exit_code() const { return exit_code_; }

 private:
  pid_t pid_ = 0;
  int exit_code_ = 0;
};

// True: it ended by itself in that time.
task<bool> ends_within(child& asked, milliseconds grace) {
  if (grace.count() == 0) co_return false;
  asked.ask_to_end();
  const steady_time end = std::chrono::steady_clock::now() + grace;
  while (!asked.ended() && std::chrono::steady_clock::now() < end)
    co_await sleep_for(look_every);
  co_return asked.has_ended();
}

task<void> bury(child& killed) {
  killed.kill_group();
  for (int look = 0; look < looks_after_kill && !killed.ended(); ++look)
    co_await sleep_for(look_every);
}

struct started_program {
  result<std::shared_ptr<child>> made = error(errc::timed_out, "");
  std::atomic<bool> done = false;  // then `made` is left alone by the thread
};

// The program's file may be on a disk that hangs. One that starts after all is killed as what nobody waits for.
task<result<std::shared_ptr<child>>> start_program(const program& what, std::shared_ptr<output_pipes> pipes,
                                                   steady_time deadline) {
  const std::string name = what.words.front();
  auto state = std::make_shared<started_program>();
  const auto work = [state, pipes, words = what.words, variables = environment_of(what)] {
    auto made = std::make_shared<child>();
    const int failed = made->start(words, variables, *pipes);
    state->made = std::move(made);
    if (failed != 0)
      state->made = error(errc::misconfigured, system_error("cannot start " + words[0], failed).detail());
    state->done = true;
  };
  const auto nobody_waits = [] {};
  if (!detail::start_own_thread(work, nobody_waits)) co_return error(errc::busy, "too many threads hang; " + name);
  steady_time give_up = steady_time::max();
  while (!state->done) {
    const steady_time now = std::chrono::steady_clock::now();
    const bool unwanted = what.unwanted && what.unwanted();
    // One that is just being started has to be ended as any other one, which the caller does.
    if (unwanted || now >= deadline) give_up = std::min(give_up, now + patience_with_start);
    if (now >= give_up && unwanted) co_return error(errc::cancelled, name + " is not wanted any more");
    if (now >= give_up) co_return error(errc::timed_out, name + " did not start in time");
    const bool slept = co_await sleep_for(look_for_start_every);
    if (!slept) co_return error(errc::cancelled, name + " is not started because nobody waits for it");
  }
  co_return std::move(state->made);
}

}  // namespace

task<result<process_result>> run_process(program what, steady_time deadline) {
  const std::string name = what.words.front();
  auto pipes = std::make_shared<output_pipes>();
  if (!pipes->out.open() || !pipes->err.open()) co_return system_error("cannot make a pipe", errno);
  auto starting = start_program(what, pipes, deadline);
  auto started = co_await std::move(starting);
  if (!started) co_return started.error();
  child& running = **started;
  pipe_pair& out = pipes->out;
  pipe_pair& err = pipes->err;
  out.writing = pipe_end();
  err.writing = pipe_end();
  process_result said;
  for (bool ended = false; !ended;) {
    ended = running.ended();
    const bool fits = read_available(out.reading, said.output, what.output_limit, what.keep_tail);
    read_available(err.reading, said.error_tail, longest_error_tail, true);
    const bool unwanted = !ended && what.unwanted && what.unwanted();
    const bool late = unwanted || (!ended && std::chrono::steady_clock::now() >= deadline);
    if (ended && fits) break;
    bool gone = ended;
    if (late && fits) gone = co_await ends_within(running, what.term_grace);
    if (!gone && (late || !fits)) co_await bury(running);
    if (!fits)
      co_return error(errc::too_large, name + " wrote more than " + std::to_string(what.output_limit) + " bytes");
    if (unwanted) co_return error(errc::cancelled, name + " was killed because it is not wanted any more");
    if (late) co_return error(errc::timed_out, name + " did not end in time and was killed");
    const bool slept = co_await sleep_for(look_every);
    if (!slept) co_return error(errc::cancelled, name + " was killed because nobody waits for it");
  }
  said.exit_code = running.exit_code();
  co_return said;
}

}  // namespace mooring
