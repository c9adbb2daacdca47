#include "sidecar/check/scheduler.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <vector>

#include "mooring/net/deadline.hpp"

namespace mooring::sidecar {
namespace {

using namespace std::chrono_literals;

// Says what `script` holds, its last entry forever; nothing stands for a run that never ends by itself.
class scripted_check final : public check {
 public:
  explicit scripted_check(std::vector<std::optional<bool>> script) : script_(std::move(script)) {}

  const std::string& name() const override { return name_; }
  task<outcome> probe(steady_time) override {
    ++running_;
    most_running = std::max(most_running, running_);
    const std::optional<bool> line = script_[std::min(runs, script_.size() - 1)];
    ++runs;
    if (!line) {
      const bool slept = co_await sleep_for(1h);
      cancelled += slept ? 0 : 1;
    }
    --running_;
    if (line.value_or(false)) co_return outcome::fine();
    co_return outcome::failed(failure_class::down, "scripted");
  }

  std::size_t runs = 0;
  int cancelled = 0;
  int most_running = 0;

 private:
  std::string name_ = "scripted";
  std::vector<std::optional<bool>> script_;
  int running_ = 0;
};

check_timing quick() {
  check_timing out;
  out.interval = 40ms;
  out.fast_interval = 5ms;
  out.timeout = 20ms;
  out.rise = 2;
  out.fall = 3;
  return out;
}

class scheduler_test : public ::testing::Test {
 protected:
  // Runs until `enough` outcomes have been told.
  void run(check& subject, std::size_t enough, check_timing timing = quick()) {
    scheduler schedule(
        io_.get_executor(), time_, log_, [] { return 0.5; },
        [&](const observation& o) {
          seen_.push_back(o);
          if (seen_.size() == enough) schedule.stop();
        });
    schedule.add(7, subject, timing);
    schedule.start();
    io_.run();
  }

  asio::io_context io_{1};
  system_clock time_;
  std::string lines_;
  logger log_ = logger::to_string(lines_);
  std::vector<observation> seen_;
};

TEST(jittered, spreads_by_a_fifth) {
  EXPECT_EQ(jittered(1000ms, 0.0), 800ms);
  EXPECT_EQ(jittered(1000ms, 0.5), 1000ms);
  EXPECT_LE(jittered(1000ms, 0.999), 1200ms);
}

TEST_F(scheduler_test, feeds_rise_and_fall_and_tells_every_outcome) {
  scripted_check subject({true, false, false, false, true, true});
  run(subject, 6);
  ASSERT_EQ(seen_.size(), 6U);
  const check_state expected[] = {check_state::up,   check_state::up,   check_state::up,
                                  check_state::down, check_state::down, check_state::up};
  for (std::size_t i = 0; i < seen_.size(); ++i) {
    EXPECT_EQ(seen_[i].state, expected[i]) << i;
    EXPECT_EQ(seen_[i].state_changed, i == 0 || i == 3 || i == 5) << i;
    EXPECT_EQ(seen_[i].check, 7U);
  }
}

TEST_F(scheduler_test, runs_at_once_then_by_interval_and_faster_in_doubt) {
  scripted_check steady({true});
  const auto begun = time_.steady();
  run(steady, 3);
  EXPECT_GE(time_.steady() - begun, 78ms) << "two intervals";
  seen_.clear();
  io_.restart();
  scripted_check failing({true, false});
  const auto doubt = time_.steady();
  check_timing timing = quick();
  timing.interval = 300ms;
  timing.fall = 4;
  run(failing, 5, timing);
  EXPECT_GE(time_.steady() - doubt, 300ms);
  EXPECT_LT(time_.steady() - doubt, 900ms) << "one interval and three short ones";
}

TEST_F(scheduler_test, a_run_ends_at_its_deadline) {
  scripted_check hanging({std::nullopt});
  run(hanging, 2);
  ASSERT_EQ(seen_.size(), 2U);
  for (const observation& o : seen_) {
    EXPECT_EQ(o.found.why(), failure_class::timed_out);
    EXPECT_EQ(o.found.reason(), "no answer within 20ms");
    EXPECT_GE(o.found.elapsed(), 19ms);
  }
  EXPECT_EQ(hanging.most_running, 1);
}

TEST_F(scheduler_test, stop_abandons_a_run_in_flight_and_tells_nothing_more) {
  scripted_check hanging({std::nullopt});
  check_timing timing = quick();
  timing.timeout = 1h;
  scheduler schedule(
      io_.get_executor(), time_, log_, [] { return 0.5; }, [&](const observation& o) { seen_.push_back(o); });
  schedule.add(0, hanging, timing);
  schedule.start();
  asio::steady_timer later(io_, 20ms);
  later.async_wait([&](error_code) { schedule.stop(); });
  const auto begun = time_.steady();
  io_.run();
  EXPECT_LT(time_.steady() - begun, 5s);
  EXPECT_EQ(hanging.runs, 1U);
  EXPECT_TRUE(seen_.empty());
}

TEST_F(scheduler_test, one_slow_check_does_not_delay_another) {
  scripted_check hanging({std::nullopt});
  scripted_check quick_one({true});
  check_timing slow = quick();
  slow.timeout = 1h;
  std::size_t good = 0;
  scheduler schedule(
      io_.get_executor(), time_, log_, [] { return 0.5; },
      [&](const observation& o) {
        EXPECT_EQ(o.check, 1U);
        if (++good == 3) schedule.stop();
      });
  schedule.add(0, hanging, slow);
  schedule.add(1, quick_one, quick());
  schedule.start();
  io_.run();
  EXPECT_EQ(good, 3U);
}

}  // namespace
}  // namespace mooring::sidecar
