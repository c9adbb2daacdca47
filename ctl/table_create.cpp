#include <iostream>

#include "ctl/commands.hpp"
#include "ctl/progress.hpp"
#include "mooring/aws/dynamo_table.hpp"
#include "mooring/aws/table_advice.hpp"
#include "mooring/settings/daemon_options.hpp"

namespace mooring::ctl {
namespace {

// AWS takes a while to make a table, but answers a question at once.
constexpr std::chrono::seconds first_answer{5};

table_wish wish_of(const settings& config, const table_create_options& options) {
  table_wish out = session_table(config);
  if (!options.no_replica) out.replica = options.replica.empty() ? config.region.secondary : options.replica;
  if (options.billing == "provisioned") out.provisioned = {options.read_units, options.write_units};
  return out;
}

result<void> check(const table_wish& wish) {
  if (wish.replica == wish.region)
    return error(errc::invalid_argument, "--replica names the primary region; name another one");
  if (wish.provisioned && !wish.replica.empty())
    return error(errc::invalid_argument,
                 "a table with replicas must be on-demand, or scale its write units by itself, which mooringctl does "
                 "not set up; use --billing on-demand, or --no-replica and add it later");
  return {};
}

// A table of that name in the replica's region is in the way, and may hold sessions.
result<void> check_replica_region(toolbox& tools, const table_wish& wish, const table_description& found) {
  if (wish.replica.empty() || found.replica_in(wish.replica) != nullptr) return {};
  const auto there = tools.run(describe_table(tools.dynamo(wish.replica), wish.name, tools.in(first_answer)));
  if (!there)
    return error(there.error().code(), there.error().detail() + "; " + remedy_for(there.error(), wish.replica));
  if (!there->exists) return {};
  const std::string both = "there is a table of that name in " + wish.replica + " already";
  if (!found.exists)
    return error(errc::misconfigured, both + ", and none in " + wish.region + "; make one a replica of the other: " +
                                          add_replica_command(wish.name, wish.replica, wish.region));
  return error(errc::misconfigured, both + ", which is not a replica; look at mooringctl table verify");
}

// What prepare_table() refuses says by itself what to do.
std::string advice_for(const error& failure, const table_wish& wish) {
  if (failure.code() == errc::invalid_argument) return "";
  if (failure.code() == errc::timed_out)
    return "; DynamoDB goes on with it: look with mooringctl table verify, or run this again with a longer --wait";
  if (failure.detail().find("AutoScaled") != std::string::npos)
    return "; replicas need " + on_demand_command(wish.name, wish.region) + ", or auto scaling of its write units";
  if (failure.detail().find("AccessDenied") != std::string::npos)
    return "; give these AWS keys the policy deploy/iam-policy-table-create.json";
  return "; " + remedy_for(failure, wish.region);
}

int failed(const table_wish& wish, const std::string& why) {
  std::cerr << "mooringctl: table " << wish.name << " in " << wish.region << ": " << why << "\n";
  return exit_bad;
}

std::string billing_of(const table_description& table) {
  if (table.on_demand) return "on-demand";
  return "provisioned (" + std::to_string(table.units.read) + " read, " + std::to_string(table.units.write) +
         " write units)";
}

void print_ready(const table_wish& wish, const table_description& table) {
  std::cout << "table " << wish.name << " in " << wish.region << " is ready: key " << wish.names.partition_key
            << " (S), TTL on " << wish.names.ttl_attribute << ", " << billing_of(table) << " billing";
  for (const table_replica& replica : table.replicas)
    std::cout << ", replica in " << replica.region;
  std::cout << "\n";
}

// Billing is somebody's money, and never changed on the way.
int check_billing(const table_wish& wish, const table_description& table, const std::string& asked) {
  if (asked.empty() || (asked == "on-demand") == table.on_demand) return exit_good;
  const std::string change = wish.provisioned ? provisioned_command(wish.name, wish.region, *wish.provisioned)
                                              : on_demand_command(wish.name, wish.region);
  return failed(wish, "its billing is " + billing_of(table) + ", and stays so; change it yourself with " + change);
}

}  // namespace

int table_create(toolbox& tools, const table_create_options& options) {
  const table_wish wish = wish_of(tools.config(), options);
  if (const auto fits = check(wish); !fits) {
    std::cerr << "mooringctl: " << fits.error().detail() << "\n";
    return exit_usage;
  }
  dynamo_client& client = tools.dynamo(wish.region);
  const auto found = tools.run(describe_table(client, wish.name, tools.in(first_answer)));
  if (!found) return failed(wish, found.error().detail() + advice_for(found.error(), wish));
  if (const auto is_free = check_replica_region(tools, wish, *found); !is_free)
    return failed(wish, is_free.error().detail());
  progress_lines progress("table " + wish.name + " in " + wish.region);
  const auto tell = [&progress, &tools](const std::string& text) { progress.say(text, tools.in(milliseconds(0))); };
  const auto end = tools.in(std::chrono::seconds(options.wait_seconds));
  const auto ready = tools.run(prepare_table(client, wish, tell, end));
  if (!ready) return failed(wish, ready.error().detail() + advice_for(ready.error(), wish));
  print_ready(wish, *ready);
  return check_billing(wish, *ready, options.billing);
}

}  // namespace mooring::ctl
