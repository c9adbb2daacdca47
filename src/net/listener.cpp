#include "mooring/net/listener.hpp"

#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>

#include "mooring/net/deadline.hpp"

namespace mooring {
namespace {

using namespace std::chrono_literals;

// Beyond this many connections that wait to be accepted the kernel refuses; /proc/sys/net/core/somaxconn caps it.
constexpr int backlog = 1024;

constexpr auto pause_after_failure = 100ms;

std::optional<unsigned long long> inode_of_socket(const std::string& path) {
  struct ::stat found {};
  if (::lstat(path.c_str(), &found) != 0) return std::nullopt;
  return S_ISSOCK(found.st_mode) ? found.st_ino : 0;
}

// Only a refusal proves that a dead process left the file. A full backlog, or a socket of another user, is somebody's.
bool is_left_behind(const asio::any_io_executor& executor, const std::string& path) {
  unix_protocol::socket probe(executor);
  error_code ec;
  probe.open(unix_protocol(), ec);
  if (!ec) probe.non_blocking(true, ec);
  if (!ec) probe.connect(unix_protocol::endpoint(path), ec);
  return ec == asio::error::connection_refused;
}

result<void> refuse_taken_path(const asio::any_io_executor& executor, const std::string& path) {
  const auto inode = inode_of_socket(path);
  if (!inode) return {};
  if (*inode == 0) return error(errc::io, path + " exists and is not a socket; remove it or choose another path");
  if (!is_left_behind(executor, path))
    return error(errc::io, "another process answers on " + path + "; stop it or choose another path");
  return {};
}

result<void> give_to_group(const std::string& path, const std::string& group) {
  if (group.empty()) return {};
  const struct ::group* found = ::getgrnam(group.c_str());
  if (found == nullptr)
    return error(errc::misconfigured, "there is no group \"" + group + "\"; create it or correct it");
  if (::chown(path.c_str(), static_cast<uid_t>(-1), found->gr_gid) != 0)
    return error(errc::misconfigured, system_error("cannot give the socket to group " + group, errno).detail());
  return {};
}

result<void> publish(const std::string& temporary, const unix_listen_options& options) {
  if (::chmod(temporary.c_str(), options.mode) != 0) return system_error("cannot chmod " + temporary, errno);
  if (auto given = give_to_group(temporary, options.group); !given) return given;
  if (::rename(temporary.c_str(), options.path.c_str()) != 0)
    return system_error("cannot move the socket to " + options.path, errno);
  return {};
}

}  // namespace

result<unix_listener> unix_listener::bind(const asio::any_io_executor& executor, const unix_listen_options& options) {
  if (auto free = refuse_taken_path(executor, options.path); !free) return free.error();
  const std::string temporary = options.path + "." + std::to_string(::getpid()) + ".tmp";
  if (temporary.size() >= sizeof(sockaddr_un::sun_path))
    return error(errc::invalid_argument, "the path " + options.path + " is too long for a unix socket; shorten it");
  ::unlink(temporary.c_str());
  unix_protocol::acceptor acceptor(executor);
  error_code ec;
  acceptor.open(unix_protocol(), ec);
  if (!ec) acceptor.bind(unix_protocol::endpoint(temporary), ec);
  if (ec)
    return error(errc::io, "cannot create " + options.path + ": " + ec.message() +
                               "; its folder must exist and be writable for this user");
  acceptor.listen(backlog, ec);
  if (auto published = ec ? system_error("cannot listen on " + options.path, ec.value()) : publish(temporary, options);
      !published) {
    ::unlink(temporary.c_str());
    return published.error();
  }
  return unix_listener(std::move(acceptor), options.path, inode_of_socket(options.path).value_or(0));
}

unix_listener::unix_listener(unix_protocol::acceptor acceptor, std::string path, unsigned long long inode)
    : acceptor_(std::move(acceptor)), path_(std::move(path)), inode_(inode) {}

unix_listener::unix_listener(unix_listener&& other) noexcept
    : acceptor_(std::move(other.acceptor_)), path_(std::move(other.path_)), inode_(other.inode_) {
  other.inode_ = 0;
}

unix_listener::~unix_listener() {
  close();
}

void unix_listener::close() {
  if (inode_ == 0) return;
  if (inode_of_socket(path_) == inode_) ::unlink(path_.c_str());
  inode_ = 0;
  error_code ignored;
  acceptor_.close(ignored);
}

result<asio::ip::tcp::acceptor> listen_tcp(const asio::any_io_executor& executor, const std::string& host,
                                           unsigned short port) {
  error_code ec;
  const auto address = asio::ip::make_address(host, ec);
  if (ec) return error(errc::misconfigured, "\"" + host + "\" is not an IP address; write one such as 127.0.0.1 or ::");
  const asio::ip::tcp::endpoint endpoint(address, port);
  asio::ip::tcp::acceptor acceptor(executor);
  acceptor.open(endpoint.protocol(), ec);
  if (!ec) acceptor.set_option(asio::socket_base::reuse_address(true), ec);
  if (!ec) acceptor.bind(endpoint, ec);
  if (!ec) acceptor.listen(backlog, ec);
  if (ec == asio::error::address_in_use)
    return error(errc::io, "port " + std::to_string(port) + " on " + host +
                               " is in use; stop the other program or choose another port");
  if (ec) return error(errc::io, "cannot listen on " + host + ":" + std::to_string(port) + ": " + ec.message());
  return acceptor;
}

template <class Protocol>
task<void> accept_loop(asio::basic_socket_acceptor<Protocol>& acceptor, const logger& log,
                       std::function<void(typename Protocol::socket)> on_connection) {
  bool failing = false;
  for (;;) {
    auto [ec, socket] = co_await acceptor.async_accept(nothrow);
    if (!acceptor.is_open()) co_return;
    if (!ec) {
      failing = false;
      on_connection(std::move(socket));
      continue;
    }
    if (!failing) log.error("accept.failed", "reason", ec.message());
    failing = true;
    const bool slept = co_await sleep_for(pause_after_failure);
    if (!slept) co_return;
  }
}

template task<void> accept_loop<unix_protocol>(asio::basic_socket_acceptor<unix_protocol>&, const logger&,
                                               std::function<void(unix_protocol::socket)>);
template task<void> accept_loop<asio::ip::tcp>(asio::basic_socket_acceptor<asio::ip::tcp>&, const logger&,
                                               std::function<void(asio::ip::tcp::socket)>);

}  // namespace mooring
