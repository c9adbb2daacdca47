#include "sidecar/control/control_server.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <list>
#include <optional>

#include "mooring/net/deadline.hpp"
#include "tests/support/temp_dir.hpp"

namespace mooring::sidecar {
namespace {

using namespace std::chrono_literals;

// A client on a blocking socket, which takes what has come whenever it likes.
class client {
 public:
  explicit client(const std::string& path) : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_un where{};
    where.sun_family = AF_UNIX;
    path.copy(static_cast<char*>(where.sun_path), sizeof where.sun_path - 1);
    const sockaddr* address = reinterpret_cast<const sockaddr*>(&where);
    connected_ = ::connect(fd_, address, sizeof where) == 0;
  }
  ~client() { ::close(fd_); }
  client(const client&) = delete;
  client& operator=(const client&) = delete;

  bool say(std::string_view text) const {
    return connected_ && ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<::ssize_t>(text.size());
  }
  // What has come; "closed" at the end of the connection.
  std::string hear() const {
    char bytes[256];
    const auto n = ::recv(fd_, bytes, sizeof bytes, 0);
    if (n > 0) return std::string(bytes, static_cast<std::size_t>(n));
    return n == 0 ? "closed" : "";
  }

 private:
  int fd_;
  bool connected_ = false;
};

struct control_server_test : ::testing::Test {
  control_server_test() {
    unix_listen_options where;
    where.path = dir.file("control.sock");
    where.mode = 0600;
    auto listener = unix_listener::bind(io.get_executor(), where);
    server.emplace(std::move(*listener), logger::to_string(lines), [this](control_command) { return answer(); });
    spawn(io.get_executor(), logger::to_string(lines), "control", server->serve());
  }
  task<std::string> answer() {
    ++answered;
    co_return said;
  }
  bool wait_until(const std::function<bool()>& condition, milliseconds within) {
    const auto end = std::chrono::steady_clock::now() + within;
    bool met = condition();
    while (!met && std::chrono::steady_clock::now() < end) {
      io.run_one_for(10ms);
      met = condition();
    }
    return met;
  }

  test::temp_dir dir;
  asio::io_context io{1};
  std::string lines;
  std::string said = "OK";
  int answered = 0;
  std::optional<control_server> server;
};

TEST_F(control_server_test, a_line_is_answered_and_the_connection_closed) {
  const client one(dir.file("control.sock"));
  ASSERT_TRUE(one.say("status\n"));
  std::string heard;
  EXPECT_TRUE(wait_until([&] { return !(heard = one.hear()).empty(); }, 10s));
  EXPECT_EQ(heard, "OK\n");
  EXPECT_TRUE(wait_until([&] { return one.hear() == "closed"; }, 10s));
}

TEST_F(control_server_test, a_client_that_does_not_read_is_given_up_and_its_place_is_free_again) {
  said = std::string(16 * 1024 * 1024, 'x');  // more than a socket takes
  {
    std::list<client> deaf;
    for (std::size_t i = 0; i < max_control_connections; ++i) {
      deaf.emplace_back(dir.file("control.sock"));
      ASSERT_TRUE(deaf.back().say("status\n"));
    }
    EXPECT_TRUE(wait_until([&] { return answered == static_cast<int>(max_control_connections); }, 10s));
    const client refused(dir.file("control.sock"));
    EXPECT_TRUE(wait_until([&] { return refused.hear() == "closed"; }, 10s)) << "there is no place while they wait";
    said = "OK";
    std::string heard;
    const auto is_served = [&] {
      const client next(dir.file("control.sock"));
      if (!next.say("status\n")) return false;
      wait_until([&] { return !(heard = next.hear()).empty(); }, 1s);
      return heard == "OK\n";
    };
    EXPECT_TRUE(wait_until(is_served, control_write_time + 10s));
  }
  server->close();
  io.run_for(control_line_time + 10s);
  EXPECT_TRUE(io.stopped()) << "nothing holds up the end";
}

}  // namespace
}  // namespace mooring::sidecar
