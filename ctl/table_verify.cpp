#include <iostream>

#include "ctl/commands.hpp"
#include "ctl/table_look.hpp"
#include "mooring/base/json.hpp"

namespace mooring::ctl {
namespace {

using nlohmann::json;

std::string json_of(const table_wish& wish, const findings& found) {
  json lines = json::array();
  for (const finding& one : found)
    lines.push_back({{"level", name_of(one.level)},
                     {"region", one.region},
                     {"about", one.about},
                     {"what", one.what},
                     {"remedy", one.remedy}});
  const json out{{"table", wish.name}, {"verdict", name_of(worst_of(found))}, {"findings", lines}};
  return json_line(out);
}

}  // namespace

int table_verify(toolbox& tools, bool as_json) {
  const table_wish wish = session_table(tools.config());
  std::vector<region_view> views;
  for (const std::string& region : regions_of(tools.config())) {
    views.push_back(look_at_table(tools, region));
    look_at_recovery(tools, views.back());
  }
  const std::optional<bool> of_2017 = may_be_of_2017(views) ? is_of_2017(tools) : false;
  const findings found = review_tables(wish, views, of_2017);
  if (as_json)
    std::cout << json_of(wish, found) << "\n";
  else
    for (const finding& one : found)
      std::cout << line_of(one) << "\n";
  return exit_code_of(found);
}

}  // namespace mooring::ctl
