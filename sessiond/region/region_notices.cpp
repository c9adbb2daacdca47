#include "sessiond/region/region_notices.hpp"

#include <algorithm>
#include <charconv>

#include "mooring/base/digest.hpp"

namespace mooring::sessiond {
namespace {

constexpr std::array<const char*, notice_kinds> stamp_names{"published", "bridged"};
constexpr std::size_t stamp_bytes = 8;
constexpr seconds item_life = std::chrono::hours(24);

std::string stamp_in(const item& notice, const char* name) {
  const auto found = notice.find(name);
  return found == notice.end() ? std::string() : found->second.value;
}

// Nothing when it does not say so, or names a time that cannot be counted with.
std::optional<std::int64_t> time_in(const std::string& stamp) {
  std::int64_t out = 0;
  const auto [end, failed] = std::from_chars(stamp.data(), stamp.data() + stamp.size(), out);
  if (failed != std::errc() || *end != '-' || out < 0) return std::nullopt;
  return out;
}

}  // namespace

region_notices::region_notices(std::vector<dynamo_client*> regions, std::string table, region_switch& where,
                               const clock& time, const logger& log, milliseconds patience,
                               const asio::any_io_executor& executor)
    : regions_(std::move(regions)),
      table_(std::move(table)),
      where_(where),
      time_(time),
      log_(log),
      patience_(patience),
      seen_(regions_.size()) {
  for (std::size_t i = 0; i < regions_.size(); ++i)
    pauses_.emplace_back(executor);
}

attribute region_notices::key_of(std::size_t region) const {
  return attribute::text("mooring-region/" + regions_.front()->region() + "/" + regions_[region]->region());
}

std::int64_t region_notices::service_time(std::size_t region) const {
  return unix_seconds(time_.wall() + regions_[region]->clock_correction());
}

// Gives before it looks: who has just moved tells the others first.
task<void> region_notices::watch(std::size_t region) {
  while (!stopping_) {
    const auto due = where_.notice_due(region);
    if (due) co_await give(region, *due);
    if (!stopping_) co_await look(region);
    if (stopping_) co_return;
    pauses_[region].expires_after(between_notice_looks);
    co_await pauses_[region].async_wait(nothrow);
  }
}

task<void> region_notices::look(std::size_t region) {
  if (where_.avoids(region)) co_return;
  const steady_time started = time_.steady();
  get_request request;
  request.table = table_;
  request.key.emplace(regions_[region]->names().partition_key, key_of(region));
  request.consistent = false;
  auto found = co_await regions_[region]->get(std::move(request), started + patience_);
  if (!found) {
    where_.looked(region, started, found.error());
    co_return;
  }
  const item notice = found->value_or(item());
  notice_stamps stamps;
  for (std::size_t kind = 0; kind < notice_kinds; ++kind)
    stamps[kind] = stamp_in(notice, stamp_names[kind]);
  const auto given = time_in(stamps[static_cast<std::size_t>(notice_kind::bridged)]);
  if (given && !seen_[region])
    where_.was_bridged(seconds(std::clamp<std::int64_t>(service_time(region) - *given, 0, item_life.count())));
  seen_[region] = true;
  where_.looked(region, started, std::move(stamps));
}

task<void> region_notices::give(std::size_t region, notice_kind kind) {
  const std::size_t index = static_cast<std::size_t>(kind);
  dynamo_client& client = *regions_[region];
  write_request request;
  request.table = table_;
  request.key.emplace(client.names().partition_key, key_of(region));
  request.update = "SET #s = :s, #e = :e";
  request.names = {{"#s", stamp_names[index]}, {"#e", client.names().ttl_attribute}};
  const std::int64_t now = service_time(region);
  request.values.emplace(":s", attribute::text(std::to_string(now) + "-" + to_hex(random_bytes(stamp_bytes))));
  request.values.emplace(":e", attribute::number(now + item_life.count()));
  auto given = co_await client.write(std::move(request), time_.steady() + patience_);
  const bool is_news = !given && !complained_;
  complained_ = !given;
  if (is_news)
    log_.warn("region.notice_not_given", "region", client.region(), "class", name_of(given.error().code()), "reason",
              given.error().detail());
}

void region_notices::hurry() {
  for (asio::steady_timer& pause : pauses_)
    pause.cancel();
}

void region_notices::stop() {
  stopping_ = true;
  hurry();
}

}  // namespace mooring::sessiond
