#include "sessiond/server/connection.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/write.hpp>

#include "mooring/net/deadline.hpp"

namespace mooring::sessiond {
namespace {

using namespace std::chrono_literals;

// Replies of a pipeline are gathered up to this size before they are written.
constexpr std::size_t write_at_bytes = 64 * 1024;

constexpr std::size_t linger_bytes = 64 * 1024 * 1024;

// A client that does not take its replies for so long has hung.
constexpr auto write_time = 30s;

task<result<std::size_t>> write_all(unix_protocol::socket& socket, const std::string& bytes) {
  auto [ec, count] = co_await asio::async_write(socket, asio::buffer(bytes), nothrow);
  if (ec) co_return error(errc::io, ec.message());
  co_return count;
}

task<result<std::size_t>> read_and_drop(unix_protocol::socket& socket) {
  std::array<char, 16 * 1024> dropped;
  std::size_t total = 0;
  while (total < linger_bytes) {
    auto [ec, count] = co_await socket.async_read_some(asio::buffer(dropped), nothrow);
    if (ec) break;
    total += count;
  }
  co_return total;
}

}  // namespace

connection::connection(unix_protocol::socket socket, owner_id id, dispatcher& commands, drain_register& drain)
    : socket_(std::move(socket)), commands_(commands), ticket_(drain, [this](auto what) { on_drain(what); }) {
  client_.id = id;
  client_.process = peer_process();
  client_.gone = [this] { return peer_is_gone(); };
}

connection::~connection() {
  commands_.forget(client_);
}

std::int64_t connection::peer_process() {
  ucred peer{};
  socklen_t size = sizeof peer;
  const int failed = ::getsockopt(socket_.native_handle(), SOL_SOCKET, SO_PEERCRED, &peer, &size);
  return failed == 0 ? peer.pid : 0;
}

// A peer that has only closed its sending side still wants its reply, and our own drain closes our receiving side; only
// a hang-up in both directions means that nobody is there.
bool connection::peer_is_gone() {
  pollfd state{socket_.native_handle(), 0, 0};
  return ::poll(&state, 1, 0) == 1 && (state.revents & (POLLHUP | POLLERR)) != 0;
}

void connection::on_drain(drain_register::request what) {
  draining_ = true;
  const bool busy = working_ || commands_.is_busy(client_);
  if (busy && what == drain_register::request::end_when_done) return;
  error_code ignored;
  socket_.shutdown(unix_protocol::socket::shutdown_receive, ignored);
}

task<void> connection::serve() {
  while (!draining_ || commands_.is_busy(client_)) {
    const auto room = parser_.prepare();
    auto [ec, count] = co_await socket_.async_read_some(asio::buffer(room.data(), room.size()), nothrow);
    if (ec) co_return;
    parser_.commit(count);
    working_ = true;
    const bool goes_on = co_await answer_what_arrived();
    working_ = false;
    if (!goes_on) co_return;
  }
}

// False: the connection is over.
task<bool> connection::answer_what_arrived() {
  std::string out;
  for (;;) {
    const auto step = parser_.next();
    if (step == resp_parser::step::need_more) break;
    if (step == resp_parser::step::malformed) {
      co_await commands_.finish_batch(client_, out);
      co_await refuse(std::move(out));
      co_return false;
    }
    auto request = parser_.take();
    const auto then = co_await commands_.run(client_, std::move(request), out);
    if (then == after_reply::keep && out.size() < write_at_bytes) continue;
    co_await commands_.finish_batch(client_, out);
    const bool written = co_await write(out);
    if (!written || then == after_reply::close) co_return false;
  }
  co_await commands_.finish_batch(client_, out);
  co_return co_await write(out);
}

task<bool> connection::write(std::string& out) {
  if (out.empty()) co_return true;
  const steady_time deadline = steady_time::clock::now() + write_time;
  const auto written = co_await with_deadline(write_all(socket_, out), deadline, "the client takes no replies");
  out.clear();
  co_return written.has_value();
}

// `out`: the replies before the malformed request.
task<void> connection::refuse(std::string out) {
  resp_writer(out).error(parser_.fault());
  const bool written = co_await write(out);
  if (!written) co_return;
  error_code ignored;
  socket_.shutdown(unix_protocol::socket::shutdown_send, ignored);
  const steady_time deadline = steady_time::clock::now() + linger_time;
  co_await with_deadline(read_and_drop(socket_), deadline, "the client goes on sending");
}

}  // namespace mooring::sessiond
