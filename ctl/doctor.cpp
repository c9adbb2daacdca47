#include <iostream>

#include "ctl/commands.hpp"
#include "ctl/daemons.hpp"
#include "mooring/aws/dynamo_table.hpp"

namespace mooring::ctl {
namespace {

using namespace std::chrono_literals;

constexpr auto patience = 5s;

class findings {
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

void examine_sessiond(toolbox& tools, findings& out) {
  const std::string& socket = tools.config().sessions.socket;
  const auto info = tools.run(ask_sessiond(socket, tools.in(patience)));
  if (info)
    out.good("sessiond", "answers on " + socket);
  else
    out.bad("sessiond", info.error().detail());
}

void examine_sidecar(toolbox& tools, findings& out) {
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

void examine_table(toolbox& tools, const std::string& region, findings& out) {
  const std::string& table = tools.config().dynamodb.table;
  const table_names& names = tools.config().dynamodb.names;
  const std::string subject = "table " + table + " in " + region;
  const auto found = tools.run(describe_table(tools.dynamo(region), table, tools.in(patience)));
  if (!found) return out.bad(subject, found.error().detail() + "; " + remedy_for(found.error(), region));
  if (!found->exists) return out.bad(subject, "does not exist; run mooringctl table create, or correct dynamodb.table");
  if (found->partition_key != names.partition_key || found->key_type != "S" || found->has_sort_key)
    return out.bad(subject, "has the key \"" + found->partition_key + "\" (" + found->key_type + "); it must be \"" +
                                names.partition_key + "\" (S) alone; make a new table");
  if (found->status != "ACTIVE") return out.bad(subject, "is " + found->status + "; wait until it is ACTIVE");
  if (found->ttl_attribute != names.ttl_attribute)
    return out.bad(subject, "has no TTL on \"" + names.ttl_attribute +
                                "\", so old sessions stay and cost money; run mooringctl table create");
  out.good(subject, "is active, TTL is on");
}

}  // namespace

int doctor(toolbox& tools) {
  findings out;
  out.good("configuration", "no faults");
  const settings& config = tools.config();
  if (config.sessions.store == "dynamodb") {
    examine_table(tools, config.region.primary, out);
    if (!config.region.secondary.empty()) examine_table(tools, config.region.secondary, out);
  }
  examine_sessiond(tools, out);
  examine_sidecar(tools, out);
  return out.all_good() ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace mooring::ctl
