#include "server.hpp"

#include <array>
#include <boost/asio/write.hpp>

#include "mooring/net/deadline.hpp"
#include "mooring/net/listener.hpp"

namespace mooring::sidecar {
namespace {

using asio::ip::tcp;
using namespace std::chrono_literals;

constexpr milliseconds keep_alive_rest = 60s;
constexpr milliseconds linger_time = 1s;
constexpr std::size_t linger_bytes = 256 * 1024;
constexpr std::size_t read_chunk = 4096;

class counted {
 public:
  explicit counted(std::size_t& count) : count_(count) { ++count_; }
  ~counted() { --count_; }
  counted(const counted&) = delete;
  counted& operator=(const counted&) = delete;

 private:
  std::size_t& count_;
};

task<result<std::size_t>> read_into(tcp::socket& socket, request_reader& reader) {
  std::array<char, read_chunk> chunk;
  const auto space = asio::buffer(chunk);
  auto [ec, n] = co_await socket.async_read_some(space, nothrow);
  if (ec) co_return error(errc::io, ec.message());
  reader.append(std::string_view(chunk.data(), n));
  co_return n;
}

task<result<std::size_t>> write_all(tcp::socket& socket, const std::string& bytes) {
  const auto content = asio::buffer(bytes);
  auto [ec, n] = co_await asio::async_write(socket, content, nothrow);
  if (ec) co_return error(errc::io, ec.message());
  co_return n;
}

task<result<std::size_t>> read_and_drop(tcp::socket& socket) {
  std::array<char, read_chunk> chunk;
  const auto space = asio::buffer(chunk);
  std::size_t total = 0;
  while (total < linger_bytes) {
    auto [ec, n] = co_await socket.async_read_some(space, nothrow);
    if (ec) break;
    total += n;
  }
  co_return total;
}

}  // namespace

http_server::http_server(site& content, const clock& time, const logger& log, drain_register& live,
                         counter& turned_away, server_limits limits)
    : content_(content), time_(time), log_(log), live_(live), turned_away_(turned_away), limits_(limits) {}

task<void> http_server::serve(tcp::acceptor& acceptor) {
  const std::function<void(tcp::socket)> on_connection = [this](tcp::socket socket) { admit(std::move(socket)); };
  co_await accept_loop<tcp>(acceptor, log_, on_connection);
}

void http_server::admit(tcp::socket socket) {
  if (connections_ >= limits_.max_connections && !make_room()) {
    turned_away_.add();
    if (!full_) log_.warn("http.full", "max_connections", limits_.max_connections);
    full_ = true;
    return;
  }
  full_ = false;
  const auto executor = socket.get_executor();
  spawn(executor, log_, "http connection", converse(std::move(socket)));
}

// Its coroutine ends a moment later, so for that moment there is one connection more than the limit.
bool http_server::make_room() {
  if (resting_.empty()) return false;
  error_code ignored;
  resting_.front()->close(ignored);
  resting_.pop_front();
  return true;
}

task<void> http_server::converse(tcp::socket socket) {
  const counted one(connections_);
  const drain_register::ticket ticket(live_, [&socket](drain_register::request) {
    error_code ignored;
    socket.shutdown(tcp::socket::shutdown_receive, ignored);
  });
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  request_reader reader;
  for (bool first = true;; first = false) {
    http_arrival arrived = co_await receive(socket, reader, first);
    if (!arrived.question && arrived.refusal == 0) co_return;
    if (arrived.question && last_answers_) arrived.question->keep_alive = false;
    const std::string bytes = arrived.question ? content_.answer(*arrived.question) : content_.refuse(arrived.refusal);
    const bool sent = co_await send(socket, bytes);
    if (!sent) co_return;
    if (!arrived.question || !arrived.question->keep_alive) break;
  }
  co_await linger(socket);
}

task<http_arrival> http_server::receive(tcp::socket& socket, request_reader& reader, bool first) {
  http_arrival over;
  bool head_begun = first;
  steady_time deadline = time_.steady() + (first ? limits_.request_deadline : keep_alive_rest);
  for (;;) {
    if (auto arrived = reader.next()) co_return std::move(*arrived);
    if (!head_begun && reader.begun()) {
      head_begun = true;
      deadline = time_.steady() + limits_.request_deadline;
    }
    const bool rests = !first && !head_begun;
    if (rests) resting_.push_back(&socket);
    const auto got = co_await with_deadline(read_into(socket, reader), deadline, "read");
    if (rests) resting_.remove(&socket);
    if (got) continue;
    if (got.error().code() == errc::timed_out && reader.begun()) over.refusal = 408;
    co_return over;
  }
}

task<bool> http_server::send(tcp::socket& socket, const std::string& bytes) {
  const steady_time deadline = time_.steady() + limits_.request_deadline;
  const auto sent = co_await with_deadline(write_all(socket, bytes), deadline, "write");
  co_return sent.has_value();
}

task<void> http_server::linger(tcp::socket& socket) {
  error_code failed;
  socket.shutdown(tcp::socket::shutdown_send, failed);
  if (failed) co_return;
  co_await with_deadline(read_and_drop(socket), time_.steady() + linger_time, "linger");
}

}  // namespace mooring::sidecar
