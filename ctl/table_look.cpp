#include "ctl/table_look.hpp"

#include "mooring/aws/dynamo_table.hpp"

namespace mooring::ctl {
namespace {}  // namespace

std::vector<std::string> regions_of(const settings& config) {
  std::vector<std::string> out{config.region.primary};
  if (!config.region.secondary.empty()) out.push_back(config.region.secondary);
  return out;
}

region_view look_at_table(toolbox& tools, const std::string& region) {
  auto found = tools.run(describe_table(tools.dynamo(region), tools.config().dynamodb.table, tools.in(patience)));
  region_view out{region, std::move(found), std::nullopt, ""};
  if (!out.table) out.remedy = remedy_for(out.table.error(), region);
  return out;
}

void look_at_recovery(toolbox& tools, region_view& view) {
  if (!view.table || !view.table->exists) return;
  dynamo_client& client = tools.dynamo(view.region);
  auto found = tools.run(point_in_time_recovery(client, tools.config().dynamodb.table, tools.in(patience)));
  if (!found) view.recovery = result<bool>(found.error());
  if (found && *found) view.recovery = result<bool>(**found);
}

std::optional<bool> is_of_2017(toolbox& tools) {
  dynamo_client& client = tools.dynamo(tools.config().region.primary);
  const auto found = tools.run(is_global_table_of_2017(client, tools.config().dynamodb.table, tools.in(patience)));
  if (!found) return std::nullopt;
  return *found;
}

}  // namespace mooring::ctl
