#include "mooring/net/listener.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "tests/support/temp_dir.hpp"

namespace mooring {
namespace {

struct unix_listener_test : ::testing::Test {
  asio::io_context io{1};
  test::temp_dir dir;
  unix_listen_options options{dir.file("s.sock"), 0660, ""};

  bool answers() {
    unix_protocol::socket socket(io);
    error_code ec;
    socket.connect(unix_protocol::endpoint(options.path), ec);
    return !ec;
  }
};

TEST_F(unix_listener_test, has_its_mode_from_the_start_and_leaves_no_file_behind) {
  {
    const auto listener = unix_listener::bind(io.get_executor(), options);
    ASSERT_TRUE(listener);
    struct ::stat found {};
    ASSERT_EQ(::stat(options.path.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777U, 0660U);
    EXPECT_TRUE(answers());
  }
  EXPECT_NE(::access(options.path.c_str(), F_OK), 0);
}

TEST_F(unix_listener_test, refuses_a_path_on_which_somebody_answers) {
  const auto first = unix_listener::bind(io.get_executor(), options);
  ASSERT_TRUE(first);
  const auto second = unix_listener::bind(io.get_executor(), options);
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().detail().find("another process answers on"), std::string::npos);
  EXPECT_TRUE(answers());
}

TEST_F(unix_listener_test, replaces_what_a_crash_left_behind) {
  { unix_protocol::acceptor crashed(io, unix_protocol::endpoint(options.path)); }
  ASSERT_EQ(::access(options.path.c_str(), F_OK), 0);
  ASSERT_FALSE(answers());
  const auto listener = unix_listener::bind(io.get_executor(), options);
  ASSERT_TRUE(listener);
  EXPECT_TRUE(answers());
}

TEST_F(unix_listener_test, never_touches_what_is_not_a_socket) {
  std::ofstream(options.path) << "precious";
  const auto listener = unix_listener::bind(io.get_executor(), options);
  ASSERT_FALSE(listener);
  EXPECT_NE(listener.error().detail().find("is not a socket"), std::string::npos);
  EXPECT_EQ(::access(options.path.c_str(), F_OK), 0);
}

TEST_F(unix_listener_test, does_not_remove_the_socket_of_its_successor) {
  auto old = unix_listener::bind(io.get_executor(), options);
  ASSERT_TRUE(old);
  ::unlink(options.path.c_str());
  const auto successor = unix_listener::bind(io.get_executor(), options);
  ASSERT_TRUE(successor);
  old->close();
  EXPECT_TRUE(answers());
}

TEST_F(unix_listener_test, says_what_is_wrong_with_folder_group_and_length) {
  options.group = "no-such-group";
  EXPECT_NE(unix_listener::bind(io.get_executor(), options).error().detail().find("no-such-group"), std::string::npos);
  options.group = "";
  options.path = "/nowhere/s.sock";
  EXPECT_NE(unix_listener::bind(io.get_executor(), options).error().detail().find("must exist"), std::string::npos);
  options.path = dir.file(std::string(200, 's'));
  EXPECT_NE(unix_listener::bind(io.get_executor(), options).error().detail().find("too long"), std::string::npos);
}

TEST(listen_tcp, names_the_port_that_is_in_use) {
  asio::io_context io(1);
  const auto first = listen_tcp(io.get_executor(), "127.0.0.1", 0);
  ASSERT_TRUE(first);
  const auto port = first->local_endpoint().port();
  const auto second = listen_tcp(io.get_executor(), "127.0.0.1", port);
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().detail().find("port " + std::to_string(port)), std::string::npos);
  EXPECT_FALSE(listen_tcp(io.get_executor(), "localhost", 0));
}

}  // namespace
}  // namespace mooring
