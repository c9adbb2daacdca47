#include "mooring/net/notify.hpp"

#include <gtest/gtest.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/datagram_protocol.hpp>
#include <cstdlib>

#include "tests/support/temp_dir.hpp"

namespace mooring {
namespace {

namespace asio = boost::asio;

class notify : public ::testing::Test {
 protected:
  void TearDown() override { ::unsetenv("NOTIFY_SOCKET"); }

  std::string heard(const std::string& address, const std::string& variable) {
    asio::io_context io;
    asio::local::datagram_protocol::socket manager(io, asio::local::datagram_protocol::endpoint(address));
    ::setenv("NOTIFY_SOCKET", variable.c_str(), 1);
    notify_service_manager("READY=1");
    std::array<char, 64> text{};
    manager.non_blocking(true);
    boost::system::error_code nothing_there;
    const std::size_t length = manager.receive(asio::buffer(text), 0, nothing_there);
    return std::string(text.data(), length);
  }

  test::temp_dir folder_;
};

TEST_F(notify, reaches_a_socket_in_the_file_system) {
  const std::string path = folder_.file("notify");
  EXPECT_EQ(heard(path, path), "READY=1");
}

TEST_F(notify, reaches_an_abstract_socket) {
  const std::string name = folder_.file("abstract");
  EXPECT_EQ(heard(std::string(1, '\0') + name, "@" + name), "READY=1");
}

TEST_F(notify, is_silent_without_a_manager_and_with_a_bad_address) {
  ::unsetenv("NOTIFY_SOCKET");
  notify_service_manager("READY=1");
  for (const std::string& address : {std::string("relative"), std::string(), std::string(200, '/')}) {
    ::setenv("NOTIFY_SOCKET", address.c_str(), 1);
    notify_service_manager("READY=1");
  }
}

}  // namespace
}  // namespace mooring
