#include <iostream>

#include "ctl/commands.hpp"
#include "ctl/daemons.hpp"
#include "ctl/table_look.hpp"

namespace mooring::ctl {
namespace {

using namespace std::chrono_literals;

class checklist {
 public:
  void good(const std::string& subject, const std::string& what) { print("ok  ", subject, what); }
  void bad(const std::string& subject, const std::string& what) {
    all_good_ = false;
    print("FAIL", subject, what);
  }
  void warn(const std::string& subject, const std::string& what) { print("warn", subject, what); }
  bool all_good() const { return all_good_; }

 private:
  static void print(const char* mark, const std::string& subject, const std::string& what) {
    std::cout << mark << "  " << subject << ": " << what << "\n";
  }
  bool all_good_ = true;
};

void examine_sessiond(toolbox& tools, checklist& out) {
  const std::string& socket = tools.config().sessions.socket;
  const auto info = tools.run(ask_sessiond(socket, tools.in(patience)));
  if (info)
    out.good("sessiond", "answers on " + socket);
  else
    out.bad("sessiond", info.error().detail());
}

void examine_sidecar(toolbox& tools, checklist& out) {
  const std::string& admin = tools.config().sidecar.admin;
  const auto report = tools.run(ask_sidecar(tools.http(), admin, tools.in(patience)));
  if (!report) return out.bad("sidecar", report.error().detail());
  if (report->status == "fail")
    out.bad("sidecar", "takes this node out of service (" + report->verdict + ")");
  else
    out.good("sidecar", "answers on " + admin + ", load balancers get " + report->verdict);
  for (const auto& check : report->checks) {
    const std::string subject = "check " + check.name;
    if (check.status == "pass")
      out.good(subject, "pass");
    else if (check.status == "warn")
      out.warn(subject, check.output);
    else
      out.bad(subject, check.output);
  }
}

// Only what keeps a node from working; mooringctl table verify tells the rest.
void examine_table(toolbox& tools, const std::string& region, checklist& out) {
  const std::string subject = "table in " + region;
  const auto found = review_table(session_table(tools.config()), look_at_table(tools, region));
  for (const finding& one : found) {
    const std::string what = (one.about == "table" ? "" : one.about + ": ") + sentence_of(one);
    if (one.level == finding_level::warn)
      out.warn(subject, what);
    else if (one.level != finding_level::ok)
      out.bad(subject, what);
  }
  if (worst_of(found) == finding_level::ok)
    out.good(subject, tools.config().dynamodb.table + " is active, its key is right, TTL is on");
}

}  // namespace

int doctor(toolbox& tools) {
  checklist out;
  out.good("configuration", "no faults");
  const settings& config = tools.config();
  if (config.sessions.store == "dynamodb")
    for (const std::string& region : regions_of(config))
      examine_table(tools, region, out);
  examine_sessiond(tools, out);
  examine_sidecar(tools, out);
  return out.all_good() ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace mooring::ctl
