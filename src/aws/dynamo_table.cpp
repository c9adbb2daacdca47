#include "mooring/aws/dynamo_table.hpp"

#include <algorithm>
#include <set>

#include "mooring/base/json.hpp"
#include "mooring/net/deadline.hpp"

namespace mooring {
namespace {

using namespace std::chrono_literals;

// A table is there within seconds; a replica takes minutes.
constexpr milliseconds first_look = 250ms;
constexpr milliseconds longest_pause = 5s;

bool says(const error& failure, std::string_view type) {
  return failure.code() == errc::misconfigured && failure.detail().find(type) != std::string::npos;
}

std::string name_body(const std::string& table) {
  return json_line({{"TableName", table}});
}

void say(const table_listener& tell, const std::string& text) {
  if (tell) tell(text);
}

}  // namespace

task<result<table_description>> describe_table(dynamo_client& client, std::string table, steady_time deadline) {
  const std::string body = name_body(table);
  auto described = co_await client.call("DescribeTable", body, deadline);
  if (!described && says(described.error(), "ResourceNotFound")) co_return table_description();
  if (!described) co_return described.error();
  auto out = table_description_from(*described);
  if (!out) co_return out.error();
  auto answer = co_await client.call("DescribeTimeToLive", body, deadline);
  if (!answer) co_return answer.error();
  auto ttl = ttl_description_from(*answer);
  if (!ttl) co_return ttl.error();
  out->ttl_attribute = std::move(ttl->attribute);
  out->ttl_status = std::move(ttl->status);
  co_return out;
}

task<result<std::optional<bool>>> point_in_time_recovery(dynamo_client& client, std::string table,
                                                         steady_time deadline) {
  const std::string body = name_body(table);
  std::optional<bool> unknown;
  auto answer = co_await client.call("DescribeContinuousBackups", body, deadline);
  if (!answer && says(answer.error(), "UnknownOperation")) co_return unknown;
  if (!answer) co_return answer.error();
  auto enabled = point_in_time_recovery_from(*answer);
  if (!enabled) co_return enabled.error();
  co_return std::optional<bool>(*enabled);
}

task<result<bool>> is_global_table_of_2017(dynamo_client& client, std::string table, steady_time deadline) {
  const std::string body = json_line({{"GlobalTableName", table}});
  auto answer = co_await client.call("DescribeGlobalTable", body, deadline);
  if (answer) co_return true;
  if (says(answer.error(), "GlobalTableNotFound") || says(answer.error(), "UnknownOperation")) co_return false;
  co_return answer.error();
}

task<result<table_description>> prepare_table(dynamo_client& client, table_wish wish, table_listener tell,
                                              steady_time deadline) {
  std::set<table_step> done;
  std::string under_way;
  for (milliseconds pause = first_look;; pause = std::min(pause * 2, longest_pause)) {
    auto found = co_await describe_table(client, wish.name, deadline);
    if (!found && found.error().code() == errc::timed_out && !under_way.empty())
      co_return error(errc::timed_out, under_way);
    if (!found) co_return found.error();
    const table_move move = next_move(wish, *found);
    if (move.step == table_step::ready) co_return found;
    if (move.step == table_step::refuse) co_return error(errc::invalid_argument, move.text);
    under_way = move.text;
    say(tell, move.text);
    // What has been asked for may not be seen for a moment; it is not asked for twice.
    if (move.step != table_step::wait && done.count(move.step) == 0) {
      const table_request request = request_for(move.step, wish);
      auto taken = co_await client.call(request.operation, request.body, deadline);
      // An answer that was lost, or somebody else's change: the table tells, once it is active again.
      const bool in_use = !taken && says(taken.error(), "ResourceInUse");
      if (!taken && !in_use) co_return taken.error();
      if (taken) done.insert(move.step);
      pause = first_look;
    }
    const bool slept = co_await sleep_for(pause);
    if (!slept) co_return error(errc::cancelled, "cancelled: " + under_way);
  }
}

task<result<void>> create_table(dynamo_client& client, std::string table, steady_time deadline) {
  table_wish wish;
  wish.name = std::move(table);
  wish.region = client.region();
  wish.names = client.names();
  auto ready = co_await prepare_table(client, std::move(wish), nullptr, deadline);
  if (!ready) co_return ready.error();
  result<void> done;
  co_return done;
}

task<result<void>> preflight_table(dynamo_client& client, std::string table, steady_time deadline) {
  auto answered = co_await client.probe(table, false, deadline);
  result<void> fine;
  if (answered) co_return fine;
  const error& failure = answered.error();
  if (failure.code() != errc::misconfigured) co_return fine;
  if (says(failure, "ResourceNotFound"))
    co_return error(errc::misconfigured, "dynamodb.table: there is no table \"" + table + "\" in " + client.region() +
                                             "; create it with mooringctl table create, or correct the name");
  co_return error(errc::misconfigured,
                  "dynamodb: " + failure.detail() + "; check the AWS credentials, their policy, and region.primary");
}

}  // namespace mooring
