#include "mooring/credentials/preflight.hpp"

#include "mooring/aws/dynamo_table.hpp"

namespace mooring {

task<result<void>> preflight_dynamodb(refreshing_provider& keys, dynamo_client& client, std::string table,
                                      steady_time deadline) {
  auto fetched = co_await keys.first_fetch(deadline);
  if (!fetched) co_return fetched.error();
  result<void> fine;
  if (!keys.current()) co_return fine;
  co_return co_await preflight_table(client, std::move(table), deadline);
}

}  // namespace mooring
