// A clock that stands still until a test moves it.
#pragma once

#include "mooring/base/clock.hpp"

namespace mooring::test {

class fake_clock final : public clock {
 public:
  steady_time steady() const override { return std::chrono::steady_clock::now() + moved_; }
  wall_time wall() const override { return wall_; }

  void set_wall(std::int64_t unix_seconds) { wall_ = wall_time(seconds(unix_seconds)); }
  void advance(seconds time) {
    wall_ += time;
    moved_ += time;
  }

 private:
  wall_time wall_{seconds(1'800'000'000)};
  seconds moved_{0};
};

}  // namespace mooring::test
