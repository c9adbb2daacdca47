#include "region_files.hpp"

#include "memory_codec.hpp"
#include "mooring/base/small_file.hpp"
#include "mooring/region_file/region_file.hpp"

namespace mooring::sidecar {
namespace {

constexpr ::mode_t memory_mode = 0640;

}  // namespace

region_files::region_files(const region_settings& config, const clock& time, const logger& log, metrics& registry,
                           const asio::any_io_executor& executor, listener on_published)
    : memory_file_(config.memory_file),
      state_file_(config.state_file),
      time_(time),
      log_(log),
      on_published_(std::move(on_published)),
      memory_failures_(registry.make_counter("mooring_sidecar_region_memory_failures_total",
                                             "Writes of region.memory_file that failed or did not end in time.")),
      wake_(executor),
      round_over_(executor, steady_time::max()),
      memory_disk_("the disk of " + memory_file_),
      state_disk_("the disk of " + state_file_) {}

task<result<machine_state>> region_files::read() {
  const auto read_state = [path = state_file_] { return read_region_state(path); };
  const auto published = co_await state_disk_.run(read_state, state_file_time);
  if (!published) co_return published.error();
  const auto read_memory = [path = memory_file_] { return read_small_file(path, max_memory_bytes); };
  const auto text = co_await memory_disk_.run(read_memory, memory_file_time);
  result<machine_state> memory = machine_state();
  if (!text) memory = text.error();
  if (text && *text) memory = parse_memory(**text);
  if (!memory) {
    log_.warn("region.memory_lost", "file", memory_file_, "reason", memory.error().detail(), "remedy",
              "pin the region anew if it was pinned");
    memory = machine_state();
  }
  co_return newest_of(*std::move(memory), *published);
}

void region_files::write(const std::optional<machine_state>& memory,
                         const std::optional<region_publication>& publication) {
  if (!memory && !publication) return;
  ++asked_;
  if (memory) {
    memory_ = encode_memory(*memory);
    retry_at_.reset();
  }
  if (publication) publication_ = publication;
  wake_.cancel();
}

// Both are taken at once, so that no publication overtakes its memory.
task<result<void>> region_files::write_waiting() {
  const std::uint64_t trying = asked_;
  std::optional<std::string> memory = std::exchange(memory_, std::nullopt);
  std::optional<region_publication> publication = std::exchange(publication_, std::nullopt);
  retry_at_.reset();
  if (memory) co_await save(*std::move(memory));
  result<void> published;
  if (publication) published = co_await publish(*std::move(publication));
  tried_ = trying;
  round_over_.cancel();
  co_return published;
}

task<void> region_files::save(std::string memory) {
  const auto work = [path = memory_file_, memory] { return replace_small_file(path, memory, memory_mode); };
  const auto saved = co_await memory_disk_.run(work, memory_file_time);
  if (saved) co_return;
  memory_failures_.add();
  log_.warn("region.memory_not_saved", "reason", saved.error().detail(), "remedy",
            "until it is, a restart may forget a pin; make region.memory_file writable");
  if (memory_) co_return;
  memory_ = std::move(memory);
  retry_at_ = time_.steady() + memory_retry_pause;
}

task<result<void>> region_files::publish(region_publication publication) {
  const auto work = [path = state_file_, state = publication.state] { return write_region_state(path, state); };
  const auto written = co_await state_disk_.run(work, state_file_time);
  on_published_(publication, written);
  co_return written;
}

task<void> region_files::settled() {
  const std::uint64_t number = asked_;
  while (tried_ < number && !ended_)
    co_await round_over_.async_wait(nothrow);
}

bool region_files::is_due() const {
  return publication_ || (memory_ && (!retry_at_ || *retry_at_ <= time_.steady()));
}

task<void> region_files::run() {
  while (!stopping_ || is_due()) {
    if (is_due()) {
      co_await write_waiting();
      continue;
    }
    wake_.expires_at(retry_at_.value_or(steady_time::max()));
    co_await wake_.async_wait(nothrow);
  }
  ended_ = true;
  round_over_.cancel();
}

void region_files::stop() {
  stopping_ = true;
  retry_at_.reset();
  wake_.cancel();
}

}  // namespace mooring::sidecar
