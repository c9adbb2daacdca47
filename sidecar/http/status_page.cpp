#include "status_page.hpp"

#include <algorithm>
#include <cstdio>

namespace mooring::sidecar {
namespace {

constexpr std::string_view style = R"(
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.4rem; padding: .6rem 1rem; border-radius: .4rem; color: #fff; background: #777 }
h1.pass { background: #1a7f37 } h1.warn { background: #9a6700 } h1.fail { background: #cf222e }
h1.starting, h1.draining { background: #57606a }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .4rem .6rem; border-bottom: 1px solid #8884; vertical-align: top }
td.up { color: #1a7f37; font-weight: 600 } td.down { color: #cf222e; font-weight: 600 }
p, .small { color: #777 }
)";

std::string_view sentence_for(verdict_kind kind) {
  switch (kind) {
    case verdict_kind::pass:
      return "In service: every check is up";
    case verdict_kind::warn:
      return "In service, with a warning";
    case verdict_kind::fail:
      return "Out of service: a check that this node needs is down";
    case verdict_kind::starting:
      return "Out of service: not every check has answered yet";
    case verdict_kind::draining:
      return "Out of service: draining before the stop";
  }
  return "";
}

std::string milliseconds_text(const check_report& report) {
  if (!report.last_run) return "";
  char text[32];
  const int length =
      std::snprintf(text, sizeof text, "%.1f ms", static_cast<double>(report.last.elapsed().count()) / 1000.0);
  return std::string(text, static_cast<std::size_t>(std::max(length, 0)));
}

std::string since_text(const check_report& report, wall_time now) {
  if (!report.since) return "";
  const auto time = std::chrono::duration_cast<seconds>(now - *report.since);
  return "for " + human_duration(std::max(time, seconds(0)));
}

std::string row_of(const check_report& report, wall_time now) {
  const check_standing& standing = report.standing;
  const std::string state(name_of(standing.state));
  std::string reason = report.last.reason();
  if (report.last.ok() && standing.state == check_state::down) reason = standing.last_failure;
  const std::string consequence = standing.consequence == on_failure::fail ? "takes the node out" : "warns";
  return "<tr><td>" + html_escaped(standing.name) + "</td><td class=\"" + state + "\">" + state + "</td><td>" +
         since_text(report, now) + "</td><td>" + milliseconds_text(report) + "</td><td>" + consequence + "</td><td>" +
         html_escaped(reason) + "</td></tr>\n";
}

}  // namespace

std::string html_escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        out.append("&amp;");
        break;
      case '<':
        out.append("&lt;");
        break;
      case '>':
        out.append("&gt;");
        break;
      case '"':
        out.append("&quot;");
        break;
      case '\'':
        out.append("&#39;");
        break;
      default:
        out.push_back(c);
    }
  }
  return out;
}

std::string human_duration(seconds time) {
  const long long all = time.count();
  const auto two = [](long long large, const char* unit, long long small, const char* small_unit) {
    std::string out = std::to_string(large) + " " + unit;
    if (small > 0) out.append(" ").append(std::to_string(small)).append(" ").append(small_unit);
    return out;
  };
  if (all < 60) return std::to_string(all) + " s";
  if (all < 3600) return two(all / 60, "min", all % 60, "s");
  if (all < 86400) return two(all / 3600, "h", all % 3600 / 60, "min");
  return two(all / 86400, "d", all % 86400 / 3600, "h");
}

std::string status_page(const node_status& node, wall_time now) {
  const verdict_kind kind = node.board.current().kind;
  std::string out = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>";
  out.append(name_of(kind)).append(": ").append(html_escaped(node.node)).append("</title><style>").append(style);
  out.append("</style></head><body>\n<h1 class=\"").append(name_of(kind)).append("\">").append(sentence_for(kind));
  out.append("</h1>\n<p>Node ").append(html_escaped(node.node)).append(", region ").append(html_escaped(node.region()));
  out.append(", up ").append(human_duration(std::chrono::duration_cast<seconds>(now - node.started)));
  out.append(
      "</p>\n<table><tr><th>Check</th><th>State</th><th></th><th>Last run</th><th>When down</th>"
      "<th>Last failure</th></tr>\n");
  for (const check_report& report : node.board.checks())
    out.append(row_of(report, now));
  out.append("</table>\n<p class=\"small\">mooring-sidecar ").append(html_escaped(node.version));
  out.append(", ").append(iso_time(now)).append(". For programs: /status.json and /metrics.</p>\n</body></html>\n");
  return out;
}

}  // namespace mooring::sidecar
