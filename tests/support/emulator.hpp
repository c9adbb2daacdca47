// The DynamoDB emulator of a test process: a process on a free loopback port. The first test that asks starts it, all
// share it, and it ends with the test process; a test has a table of its own.
#pragma once

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <filesystem>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>

extern char** environ;

namespace mooring::test {

class emulator {
 public:
  static emulator& of_this_process() {
    static emulator shared;
    return shared;
  }

  ~emulator() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  emulator(const emulator&) = delete;
  emulator& operator=(const emulator&) = delete;

  std::string url() const { return "http://127.0.0.1:" + port_; }
  // No two answers are the same.
  std::string new_table_name() { return "sessions-" + std::to_string(++tables_); }

 private:
  emulator() : port_(std::to_string(take_port())) {
    const char* program = MOORING_DYNAMODB_EMULATOR;
    if (!std::filesystem::exists(program))
      throw std::runtime_error(std::string(program) + " is missing; run ./dev deps");
    const std::string arguments[] = {program, "serve", "--host", "127.0.0.1", "-p", port_};
    char* argv[7] = {};
    for (int i = 0; i < 6; ++i)
      argv[i] = const_cast<char*>(arguments[i].c_str());
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", 1, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", 1, 0);
    const int failed = ::posix_spawn(&pid_, program, &actions, nullptr, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) throw std::runtime_error("cannot start the DynamoDB emulator");
    wait_until_it_answers();
  }

  // As free_port() of dev.d/processes.py: below the range of outgoing connections, and claimed among all who choose
  // ports by a name that the kernel frees with the process.
  unsigned short take_port() {
    using boost::asio::ip::tcp;
    std::random_device dice;
    for (int tries = 0; tries < 1000; ++tries) {
      const auto port = static_cast<unsigned short>(std::uniform_int_distribution(18000, 31999)(dice));
      boost::asio::local::stream_protocol::socket claim(io_, boost::asio::local::stream_protocol());
      boost::system::error_code taken;
      claim.bind(std::string("\0mooring-port-", 14) + std::to_string(port), taken);
      if (taken) continue;
      tcp::acceptor probe(io_, tcp::v4());
      probe.set_option(tcp::acceptor::reuse_address(true));
      probe.bind({boost::asio::ip::address_v4::loopback(), port}, taken);
      if (taken) continue;
      claim_ = std::move(claim);
      return port;
    }
    throw std::runtime_error("no port is free for the DynamoDB emulator");
  }

  void wait_until_it_answers() const {
    boost::asio::io_context io;
    for (int tries = 0; tries < 500; ++tries) {
      boost::asio::ip::tcp::socket socket(io);
      boost::system::error_code ec;
      socket.connect({boost::asio::ip::address_v4::loopback(), static_cast<unsigned short>(std::stoi(port_))}, ec);
      if (!ec) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    throw std::runtime_error("the DynamoDB emulator does not answer");
  }

  boost::asio::io_context io_;
  boost::asio::local::stream_protocol::socket claim_{io_};
  std::string port_;
  pid_t pid_ = 0;
  int tables_ = 0;
};

}  // namespace mooring::test
