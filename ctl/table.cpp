#include <iostream>

#include "ctl/commands.hpp"
#include "mooring/aws/dynamo_table.hpp"

namespace mooring::ctl {
namespace {

// AWS takes some tens of seconds to create a table, but answers a question at once.
constexpr std::chrono::minutes patience{2};
constexpr std::chrono::seconds first_answer{5};

result<void> create(toolbox& tools, const std::string& region, const std::string& table) {
  const auto reachable = tools.run(describe_table(tools.dynamo(region), table, tools.in(first_answer)));
  if (!reachable) return reachable.error();
  return tools.run(create_table(tools.dynamo(region), table, tools.in(patience)));
}

}  // namespace

int table_create(toolbox& tools) {
  const std::string& region = tools.config().region.primary;
  const std::string& table = tools.config().dynamodb.table;
  const auto ready = create(tools, region, table);
  if (!ready) {
    std::cerr << "mooringctl: table " << table << ": " << ready.error().detail() << "; "
              << remedy_for(ready.error(), region) << "\n";
    return EXIT_FAILURE;
  }
  std::cout << "table " << table << " in " << region << " is ready: key " << tools.config().dynamodb.names.partition_key
            << " (S), TTL on " << tools.config().dynamodb.names.ttl_attribute << ", on-demand billing\n";
  return EXIT_SUCCESS;
}

}  // namespace mooring::ctl
