#include "ctl/daemons.hpp"

#include <array>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>
#include <nlohmann/json.hpp>

#include "mooring/net/deadline.hpp"

namespace mooring::ctl {
namespace {

using nlohmann::json;

// sessiond closes after QUIT, so its whole answer ends with the stream.
constexpr std::string_view sessiond_request = "*1\r\n$4\r\nINFO\r\n*1\r\n$4\r\nQUIT\r\n";
constexpr std::size_t max_answer_bytes = 64 * 1024;

task<result<std::string>> exchange(std::string path) {
  asio::local::stream_protocol::socket socket(co_await asio::this_coro::executor);
  const asio::local::stream_protocol::endpoint endpoint(path);
  auto [connect_ec] = co_await socket.async_connect(endpoint, nothrow);
  if (connect_ec)
    co_return error(errc::io, "cannot connect to " + path + ": " + connect_ec.message() +
                                  "; start mooring-sessiond, or join the group of its socket");
  const auto request = asio::buffer(sessiond_request);
  auto [write_ec, written] = co_await asio::async_write(socket, request, nothrow);
  std::string answer;
  std::array<char, 4096> chunk;
  for (bool open = !write_ec; open && answer.size() < max_answer_bytes;) {
    auto [ec, count] = co_await socket.async_read_some(asio::buffer(chunk), nothrow);
    answer.append(chunk.data(), count);
    open = !ec;
  }
  if (answer.empty() || answer.front() != '$')
    co_return error(errc::bad_data, path + " does not answer like mooring-sessiond; correct sessions.socket");
  co_return answer.substr(answer.find('\n') + 1);
}

std::string text_at(const json& from, const char* key) {
  const auto found = from.find(key);
  return found != from.end() && found->is_string() ? found->get<std::string>() : std::string();
}

result<node_report> report_in(const std::string& body, const std::string& url) {
  const json parsed = json::parse(body, nullptr, false);
  if (!parsed.is_object() || text_at(parsed, "status").empty())
    return error(errc::bad_data, url + " does not answer like mooring-sidecar; correct sidecar.admin");
  node_report out;
  out.status = text_at(parsed, "status");
  out.verdict = text_at(parsed, "verdict");
  const auto checks = parsed.find("checks");
  if (checks == parsed.end() || !checks->is_object()) return out;
  for (const auto& [name, entries] : checks->items()) {
    if (!entries.is_array() || entries.empty() || !entries.front().is_object()) continue;
    check_report check;
    check.name = name.substr(0, name.rfind(':'));
    check.status = text_at(entries.front(), "status");
    check.output = text_at(entries.front(), "output");
    out.checks.push_back(std::move(check));
  }
  return out;
}

}  // namespace

task<result<std::string>> ask_sessiond(std::string socket, steady_time deadline) {
  auto asking = exchange(socket);
  const std::string silent = socket + " accepts connections but gives no answer; restart mooring-sessiond";
  co_return co_await with_deadline(std::move(asking), deadline, silent);
}

task<result<node_report>> ask_sidecar(http_client& http, std::string admin, steady_time deadline) {
  http_request request;
  request.method = "GET";
  request.url = "http://" + admin + "/status.json";
  request.direct = true;
  const std::string url = request.url;
  auto response = co_await http.send(std::move(request), deadline);
  if (!response)
    co_return error(errc::io, response.error().detail() + "; start mooring-sidecar, or correct sidecar.admin");
  co_return report_in(response->body, url);
}

}  // namespace mooring::ctl
