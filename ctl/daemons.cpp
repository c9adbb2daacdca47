#include "ctl/daemons.hpp"

#include "mooring/base/json.hpp"
#include "mooring/sessiond_client/sessiond_client.hpp"

namespace mooring::ctl {
namespace {

using nlohmann::json;

// What follows the note that tells the region's mode.
std::vector<std::string> region_warnings_in(const json& status) {
  std::vector<std::string> out;
  const auto notes = status.find("notes");
  if (notes == status.end() || !notes->is_array()) return out;
  bool follows = false;
  for (const json& entry : *notes) {
    const std::string note = entry.is_string() ? entry.get<std::string>() : std::string();
    if (follows) out.push_back(note);
    follows = follows || note.starts_with("region mode ");
  }
  return out;
}

result<node_report> report_in(const std::string& body, const std::string& url) {
  const json parsed = parse_json(body);
  if (!parsed.is_object() || text_at(parsed, "status").empty())
    return error(errc::bad_data, url + " does not answer like mooring-sidecar; correct sidecar.admin");
  node_report out;
  out.status = text_at(parsed, "status");
  out.verdict = text_at(parsed, "verdict");
  out.region_warnings = region_warnings_in(parsed);
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
  std::vector<std::string> words;
  words.emplace_back("INFO");
  auto reply = co_await call_sessiond(std::move(socket), std::move(words), deadline);
  if (!reply) co_return reply.error();
  co_return std::move(reply->text);
}

std::vector<std::pair<std::string, std::string>> info_lines(std::string_view info) {
  std::vector<std::pair<std::string, std::string>> out;
  while (!info.empty()) {
    const auto end = std::min(info.find("\r\n"), info.size());
    const auto line = info.substr(0, end);
    info.remove_prefix(std::min(end + 2, info.size()));
    const auto colon = line.find(':');
    if (colon != std::string_view::npos && line.front() != '#')
      out.emplace_back(line.substr(0, colon), line.substr(colon + 1));
  }
  return out;
}

std::optional<std::string> info_value(std::string_view info, std::string_view name) {
  for (auto& [found, value] : info_lines(info))
    if (found == name) return std::move(value);
  return std::nullopt;
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
