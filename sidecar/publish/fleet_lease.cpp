#include "fleet_lease.hpp"

#include "mooring/base/digest.hpp"
#include "mooring/net/deadline.hpp"

namespace mooring::sidecar {
namespace {

constexpr const char* lease_key = "mooring-fleet";
constexpr seconds request_time{5};
constexpr milliseconds between_looks{1'000};
constexpr std::size_t version_bytes = 8;

std::string text_in(const item& from, const char* name) {
  const auto found = from.find(name);
  return found == from.end() ? std::string() : found->second.value;
}

error lost() {
  return error(errc::stale, "the fleet's lease was lost to another node");
}

}  // namespace

write_request fleet_lease::write_on(const dynamo_client& region) const {
  write_request out;
  out.table = table_;
  out.key.emplace(region.names().partition_key, attribute::text(lease_key));
  return out;
}

task<result<fleet_lease::record>> fleet_lease::read(dynamo_client& region) {
  get_request request;
  request.table = table_;
  request.key.emplace(region.names().partition_key, attribute::text(lease_key));
  auto found = co_await region.get(std::move(request), time_.steady() + request_time);
  if (!found) co_return found.error();
  record out;
  if (!*found) co_return out;
  out.exists = true;
  out.version = text_in(**found, "version");
  out.done_region = text_in(**found, "done_region");
  out.done_at = number_in(**found, "done_at").value_or(0);
  co_return out;
}

// False: somebody else was faster.
task<result<bool>> fleet_lease::claim(dynamo_client& region, record seen) {
  write_request request = write_on(region);
  const std::string fresh = to_hex(random_bytes(version_bytes));
  request.update = "SET #o = :o, #v = :v";
  request.names = {{"#o", "owner"}, {"#v", "version"}};
  request.values.emplace(":o", attribute::text(node_));
  request.values.emplace(":v", attribute::text(fresh));
  request.condition = "attribute_not_exists(#v)";
  if (!seen.version.empty()) {
    request.condition = "#v = :seen";
    request.values.emplace(":seen", attribute::text(seen.version));
  }
  const steady_time sent = time_.steady();
  auto outcome = co_await region.write(std::move(request), sent + request_time);
  if (!outcome) co_return outcome.error();
  if (outcome->condition_held) {
    version_ = fresh;
    held_until_ = sent + fleet_lease_time;
  }
  co_return outcome->condition_held;
}

task<result<fleet_lease::turn>> fleet_lease::take(dynamo_client& region, std::string to,
                                                  std::function<bool()> outdated) {
  std::string seen_version;
  steady_time seen_since = time_.steady();
  for (;;) {
    if (outdated()) co_return error(errc::cancelled, "a newer move has begun");
    auto there = co_await read(region);
    if (!there) co_return there.error();
    const std::int64_t age = now(region) - there->done_at;
    if (there->done_region == to && age < same_move.count()) co_return turn::done_by_another;
    if (there->version != seen_version) seen_since = time_.steady();
    seen_version = there->version;
    if (seen_version.empty() || time_.steady() - seen_since >= fleet_lease_time) {
      auto ours = co_await claim(region, *there);
      if (!ours) co_return ours.error();
      if (*ours) co_return turn::ours;
    }
    const bool slept = co_await sleep_for(between_looks);
    if (!slept) co_return error(errc::cancelled, "cancelled while waiting for the fleet's lease");
  }
}

task<result<void>> fleet_lease::renew(dynamo_client& region) {
  write_request request = write_on(region);
  const std::string fresh = to_hex(random_bytes(version_bytes));
  request.update = "SET #v = :v";
  request.condition = "#v = :seen";
  request.names = {{"#v", "version"}};
  request.values.emplace(":v", attribute::text(fresh));
  request.values.emplace(":seen", attribute::text(version_));
  const steady_time sent = time_.steady();
  auto outcome = co_await region.write(std::move(request), sent + request_time);
  if (!outcome) co_return outcome.error();
  if (!outcome->condition_held) {
    held_until_ = steady_time::min();
    co_return lost();
  }
  version_ = fresh;
  held_until_ = sent + fleet_lease_time;
  result<void> renewed;
  co_return renewed;
}

task<result<void>> fleet_lease::release(dynamo_client& region, std::string to, bool done) {
  write_request request = write_on(region);
  request.condition = "#v = :seen";
  request.names = {{"#v", "version"}};
  request.values.emplace(":seen", attribute::text(version_));
  request.update = "REMOVE #v";
  if (done) {
    request.update = "SET #r = :r, #d = :d REMOVE #v";
    request.names.emplace("#r", "done_region");
    request.names.emplace("#d", "done_at");
    request.values.emplace(":r", attribute::text(to));
    request.values.emplace(":d", attribute::number(now(region)));
  }
  held_until_ = steady_time::min();
  auto outcome = co_await region.write(std::move(request), time_.steady() + request_time);
  if (!outcome) co_return outcome.error();
  if (!outcome->condition_held) co_return lost();
  result<void> released;
  co_return released;
}

}  // namespace mooring::sidecar
