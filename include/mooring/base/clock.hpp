// Time, as an interface, so that tests decide what time it is.
//
// steady() measures intervals and deadlines and never goes back. wall() is for what other machines read: TTLs,
// signatures, log lines. Whatever is decided by time is decided by this clock or by an argument. Only what waits for
// the kernel (timers, child processes, blocked threads) asks std::chrono::steady_clock itself: tests cannot shorten it.
#pragma once

#include <chrono>
#include <cstdint>

namespace mooring {

using steady_time = std::chrono::steady_clock::time_point;
using wall_time = std::chrono::system_clock::time_point;
using std::chrono::milliseconds;
using std::chrono::seconds;

class clock {
 public:
  virtual ~clock() = default;
  virtual steady_time steady() const = 0;
  virtual wall_time wall() const = 0;
};

class system_clock final : public clock {
 public:
  steady_time steady() const override { return std::chrono::steady_clock::now(); }
  wall_time wall() const override { return std::chrono::system_clock::now(); }
};

// Seconds since 1970, the unit of DynamoDB's TTL attribute.
inline std::int64_t unix_seconds(wall_time when) {
  return std::chrono::duration_cast<seconds>(when.time_since_epoch()).count();
}

}  // namespace mooring
