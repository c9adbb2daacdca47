#include <iostream>

#include "ctl/commands.hpp"
#include "mooring/aws/dynamo_table.hpp"

namespace mooring::ctl {
namespace {

// AWS takes some tens of seconds to create a table.
constexpr std::chrono::minutes patience{2};

}  // namespace

int table_create(toolbox& tools) {
  const std::string& region = tools.config().region.primary;
  const std::string& table = tools.config().dynamodb.table;
  const auto ready = tools.run(create_table(tools.dynamo(region), table, tools.in(patience)));
  if (!ready) {
    std::cerr << "mooringctl: table " << table << ": " << ready.error().detail() << "\n";
    return EXIT_FAILURE;
  }
  std::cout << "table " << table << " in " << region << " is ready: key " << partition_key_name << " (S), TTL on "
            << ttl_attribute_name << ", on-demand billing\n";
  return EXIT_SUCCESS;
}

}  // namespace mooring::ctl
