#include "fleet_lease.hpp"

#include <algorithm>

#include "mooring/base/digest.hpp"
#include "pause.hpp"

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

// "#v IN (:v0, :v1)"
std::string one_of(const std::vector<std::string>& versions, item& values) {
  std::string out;
  for (std::size_t i = 0; i < versions.size(); ++i) {
    const std::string name = ":v" + std::to_string(i);
    out += (i == 0 ? "#v IN (" : ", ") + name;
    values.emplace(name, attribute::text(versions[i]));
  }
  return out + ")";
}

}  // namespace

write_request fleet_lease::write_on(const dynamo_client& region) const {
  write_request out;
  out.table = table_;
  out.key.emplace(region.names().partition_key, attribute::text(lease_key));
  out.names = {{"#v", "version"}};
  return out;
}

// Counts as sent from now on.
std::string fleet_lease::next_version() {
  if (versions_.size() == max_unsure_versions) versions_.erase(versions_.begin());
  return versions_.emplace_back(to_hex(random_bytes(version_bytes)));
}

bool fleet_lease::is_ours(const std::string& version) const {
  return std::find(versions_.begin(), versions_.end(), version) != versions_.end();
}

void fleet_lease::hold(std::string version, steady_time sent) {
  versions_ = {std::move(version)};
  held_until_ = sent + fleet_lease_time - fleet_lease_margin;
}

void fleet_lease::lose() {
  versions_.clear();
  held_until_ = steady_time::min();
}

task<result<fleet_lease::record>> fleet_lease::read(dynamo_client& region) {
  get_request request;
  request.table = table_;
  request.key.emplace(region.names().partition_key, attribute::text(lease_key));
  auto found = co_await region.get(std::move(request), time_.steady() + request_time);
  if (!found) co_return found.error();
  record out;
  if (!*found) co_return out;
  out.version = text_in(**found, "version");
  out.done_region = text_in(**found, "done_region");
  out.done_at = number_in(**found, "done_at");
  co_return out;
}

// False: somebody else was faster. Or has taken it, done the work and given it back since it was looked at: then
// `done_at` is another one.
task<result<bool>> fleet_lease::claim(dynamo_client& region, record seen) {
  write_request request = write_on(region);
  const std::string fresh = next_version();
  request.update = "SET #o = :o, #v = :v";
  request.names.emplace("#o", "owner");
  request.names.emplace("#d", "done_at");
  request.values.emplace(":o", attribute::text(node_));
  request.values.emplace(":v", attribute::text(fresh));
  if (!seen.version.empty()) request.values.emplace(":seen", attribute::text(seen.version));
  if (seen.done_at) request.values.emplace(":d", attribute::number(*seen.done_at));
  const std::string same_version = seen.version.empty() ? "attribute_not_exists(#v)" : "#v = :seen";
  const std::string not_done = seen.done_at ? "#d = :d" : "attribute_not_exists(#d)";
  request.condition = "#v = :v OR (" + same_version + " AND " + not_done + ")";
  const steady_time sent = time_.steady();
  auto outcome = co_await region.write(std::move(request), sent + request_time);
  if (!outcome) co_return outcome.error();
  if (outcome->condition_held)
    hold(fresh, sent);
  else
    std::erase(versions_, fresh);
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
    const std::int64_t age = now(region) - there->done_at.value_or(0);
    if (there->done_region == to && age < same_move.count()) co_return turn::done_by_another;
    if (outdated()) co_return error(errc::cancelled, "a newer move has begun");
    if (there->version != seen_version) seen_since = time_.steady();
    seen_version = there->version;
    const bool free = seen_version.empty() || time_.steady() - seen_since >= fleet_lease_time;
    if (free || is_ours(seen_version)) {
      auto ours = co_await claim(region, *there);
      if (!ours) co_return ours.error();
      if (*ours) co_return turn::ours;
    }
    co_await pause_unless(outdated, between_looks);
  }
}

task<result<void>> fleet_lease::renew(dynamo_client& region) {
  write_request request = write_on(region);
  const std::string fresh = next_version();
  request.update = "SET #v = :v";
  request.condition = one_of(versions_, request.values);
  request.values.emplace(":v", attribute::text(fresh));
  const steady_time sent = time_.steady();
  auto outcome = co_await region.write(std::move(request), sent + request_time);
  if (!outcome) co_return outcome.error();
  if (!outcome->condition_held) {
    lose();
    co_return lost();
  }
  hold(fresh, sent);
  result<void> renewed;
  co_return renewed;
}

task<result<void>> fleet_lease::release(dynamo_client& region, std::string to, bool done) {
  held_until_ = steady_time::min();
  if (versions_.empty()) co_return lost();
  write_request request = write_on(region);
  request.condition = one_of(versions_, request.values) + " OR attribute_not_exists(#v)";
  request.update = "REMOVE #v";
  if (done) {
    request.condition += " AND #r = :r AND #d = :d";
    request.update = "SET #r = :r, #d = :d REMOVE #v";
    request.names.emplace("#r", "done_region");
    request.names.emplace("#d", "done_at");
    request.values.emplace(":r", attribute::text(to));
    request.values.emplace(":d", attribute::number(now(region)));
  }
  auto outcome = co_await region.write(std::move(request), time_.steady() + request_time);
  if (!outcome) co_return outcome.error();
  lose();
  if (!outcome->condition_held) co_return lost();
  result<void> released;
  co_return released;
}

}  // namespace mooring::sidecar
