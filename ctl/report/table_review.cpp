#include "ctl/report/table_review.hpp"

#include <algorithm>

#include "mooring/aws/table_advice.hpp"

namespace mooring::ctl {
namespace {

constexpr const char* create_command = "run mooringctl table create";

// Collects what is found about one region.
class region_findings {
 public:
  explicit region_findings(std::string region) : region_(std::move(region)) {}

  void add(finding_level level, const char* about, std::string what, std::string remedy = "") {
    finding one;
    one.level = level;
    one.region = region_;
    one.about = about;
    one.what = std::move(what);
    one.remedy = std::move(remedy);
    all_.push_back(std::move(one));
  }
  void ok(const char* about, std::string what, std::string advice = "") {
    add(finding_level::ok, about, std::move(what), std::move(advice));
  }
  void warn(const char* about, std::string what, std::string remedy) {
    add(finding_level::warn, about, std::move(what), std::move(remedy));
  }
  void fail(const char* about, std::string what, std::string remedy) {
    add(finding_level::fail, about, std::move(what), std::move(remedy));
  }
  const findings& all() const { return all_; }

 private:
  std::string region_;
  findings all_;
};

void review_state(const table_wish& wish, const table_description& table, region_findings& out) {
  if (table.status == "ACTIVE")
    out.ok("table", wish.name + " is ACTIVE");
  else if (table.status == "UPDATING")
    out.warn("table", wish.name + " is UPDATING, and usable", remedy_for_status(table.status));
  else
    out.fail("table", wish.name + " is " + table.status, remedy_for_status(table.status));
}

void review_key(const table_wish& wish, const table_description& table, region_findings& out) {
  if (const auto fault = key_fault(wish, table)) return out.add(finding_level::fail, "key", *fault);
  out.ok("key", wish.names.partition_key + " (S) alone");
}

void review_ttl(const table_wish& wish, const std::string& region, const table_description& table,
                region_findings& out) {
  const std::string wanted = "\"" + wish.names.ttl_attribute + "\"";
  if (table.ttl_attribute == wish.names.ttl_attribute)
    return out.ok("ttl", "on for " + wanted + (table.ttl_status == "ENABLING" ? ", from within an hour on" : ""));
  const std::string harm = ", so old sessions stay and cost money";
  if (table.consistency == "STRONG") return out.fail("ttl", "is off" + harm, no_ttl_with_strong_consistency());
  if (!table.ttl_attribute.empty())
    return out.fail(
        "ttl", "is on for \"" + table.ttl_attribute + "\" instead of " + wanted + harm,
        disable_ttl_command(wish.name, region, table.ttl_attribute) + ", and an hour later " + create_command);
  if (table.ttl_status == "DISABLING")
    return out.fail("ttl", "is being switched off" + harm, std::string("an hour from now ") + create_command);
  out.fail("ttl", "is off for " + wanted + harm, create_command);
}

void review_billing(const table_wish& wish, const std::string& region, const table_description& table,
                    region_findings& out) {
  if (table.on_demand) return out.ok("billing", "on-demand");
  out.warn("billing",
           "provisioned: " + std::to_string(table.units.read) + " read and " + std::to_string(table.units.write) +
               " write units a second, beyond which sessions are throttled",
           "keep it above your busiest hour by auto scaling, or " + on_demand_command(wish.name, region));
}

void review_safety(const table_wish& wish, const region_view& view, region_findings& out) {
  if (view.table->deletion_protection && *view.table->deletion_protection)
    out.ok("deletion protection", "on");
  else if (view.table->deletion_protection)
    out.ok("deletion protection", "off", "advice: " + protect_command(wish.name, view.region));
  if (!view.recovery) return;
  if (!*view.recovery)
    return out.ok("point-in-time recovery", "not known: " + view.recovery->error().detail(),
                  "allow dynamodb:DescribeContinuousBackups to see it");
  if (**view.recovery) return out.ok("point-in-time recovery", "on");
  out.ok("point-in-time recovery", "off, as sessions seldom need it",
         "to have it: " + recovery_command(wish.name, view.region));
}

void review_one(const table_wish& wish, const region_view& view, region_findings& out) {
  if (!view.table) return out.add(finding_level::unknown, "table", view.table.error().detail(), view.remedy);
  if (!view.table->exists)
    return out.fail("table", wish.name + " does not exist",
                    std::string(create_command) + ", or correct dynamodb.table");
  review_state(wish, *view.table, out);
  review_key(wish, *view.table, out);
  review_ttl(wish, view.region, *view.table, out);
  review_billing(wish, view.region, *view.table, out);
}

bool is_there(const region_view& view) {
  return view.table && view.table->exists;
}

void review_consistency(const table_description& table, region_findings& out) {
  if (table.consistency == "EVENTUAL") out.ok("consistency", "eventual between regions (MREC)");
  if (table.consistency == "STRONG")
    out.warn("consistency", "strong between regions (MRSC), which Mooring is not made for: it has no TTL",
             "use a table with eventual consistency (MREC)");
}

bool belongs_to_2017(const table_description& table) {
  return !table.global_table_version.empty() && table.global_table_version != current_global_tables;
}

// The replica in `other`, as the table of `view` tells.
void review_replica(const table_wish& wish, const region_view& view, const region_view& other,
                    std::optional<bool> of_2017, region_findings& out) {
  const std::string& region = other.region;
  if (const table_replica* replica = view.table->replica_in(region)) {
    if (replica->status == "ACTIVE") return out.ok("replica", region + " is ACTIVE");
    if (replica->status == "UPDATING")
      return out.warn("replica", region + " is UPDATING, and usable", remedy_for_status(replica->status));
    return out.fail("replica", region + " is " + replica->status, remedy_for_replica(*replica, wish.name, view.region));
  }
  if (!other.table)
    return out.add(finding_level::unknown, "replica",
                   "whether " + region + " has one cannot be told while it is silent");
  if (of_2017.value_or(false) || belongs_to_2017(*view.table))
    return out.fail("replica", region + " belongs to a global table of version 2017.11.29", upgrade_advice());
  const std::string create = std::string(create_command) + " --replica " + region;
  if (!is_there(other)) return out.fail("replica", region + " has none", create);
  const std::string apart = "the table in " + region + " is not a replica of this one";
  if (!of_2017)
    return out.fail("replica", apart + ", or of a global table of version 2017.11.29",
                    "allow dynamodb:DescribeGlobalTable, and run mooringctl table verify again");
  out.fail("replica", apart + ", so a visitor has other sessions there",
           "if nothing in it is needed: " + delete_table_command(wish.name, region) + ", then " + create);
}

// The primary's table tells about the replicas, or the secondary's while the primary is silent.
void review_replication(const table_wish& wish, const std::vector<region_view>& views, std::optional<bool> of_2017,
                        findings& out) {
  const bool primary_is_silent = !views.front().table && views.size() > 1;
  const region_view& view = primary_is_silent ? views.back() : views.front();
  if (!is_there(view)) return;
  region_findings found(view.region);
  if (views.size() > 1) review_replica(wish, view, primary_is_silent ? views.front() : views.back(), of_2017, found);
  for (const table_replica& replica : view.table->replicas) {
    const auto is_its = [&replica](const region_view& each) { return each.region == replica.region; };
    if (std::none_of(views.begin(), views.end(), is_its))
      found.ok("replica", replica.region + " is " + replica.status + ", not used by this node");
  }
  review_consistency(*view.table, found);
  out.insert(out.end(), found.all().begin(), found.all().end());
}

// A table that is in the secondary region alone comes to the primary as its replica.
void review_missing_primary(const table_wish& wish, const std::vector<region_view>& views, findings& out) {
  if (views.size() < 2 || !views.front().table || is_there(views.front()) || !is_there(views.back())) return;
  out.front().remedy = "it is in " + views.back().region + " alone; make it a replica of that: " +
                       add_replica_command(wish.name, views.back().region, views.front().region);
}

}  // namespace

findings review_table(const table_wish& wish, const region_view& view) {
  region_findings out(view.region);
  review_one(wish, view, out);
  return out.all();
}

findings review_tables(const table_wish& wish, const std::vector<region_view>& views, std::optional<bool> of_2017) {
  findings out;
  for (const region_view& view : views) {
    region_findings found(view.region);
    review_one(wish, view, found);
    if (is_there(view)) review_safety(wish, view, found);
    out.insert(out.end(), found.all().begin(), found.all().end());
  }
  review_missing_primary(wish, views, out);
  review_replication(wish, views, of_2017, out);
  return out;
}

bool may_be_of_2017(const std::vector<region_view>& views) {
  if (views.size() < 2 || !is_there(views.front()) || !is_there(views.back())) return false;
  return views.front().table->replica_in(views.back().region) == nullptr &&
         views.back().table->replica_in(views.front().region) == nullptr;
}

}  // namespace mooring::ctl
