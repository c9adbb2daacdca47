// The last so many probes, and whether half of them failed: a region that fails every other probe has no failures in a
// row worth mentioning, and is no region to stay in.
#pragma once

#include <cstdint>
#include <vector>

#include "mooring/base/clock.hpp"

namespace mooring::sidecar {

class outcome_window {
 public:
  explicit outcome_window(std::int64_t size) : size_(static_cast<std::size_t>(size)) { entries_.reserve(size_); }

  void record(bool failed, steady_time begun, steady_time ended);
  void clear();

  std::int64_t failures() const { return failures_; }
  std::size_t size() const { return size_; }

  // It is full, half of it failed, and these failures span `time`.
  bool half_failed(milliseconds time) const;

 private:
  struct entry {
    bool failed = false;
    steady_time begun{};
    steady_time ended{};
  };

  std::size_t size_;
  std::vector<entry> entries_;
  std::size_t oldest_ = 0;  // once it is full
  std::int64_t failures_ = 0;
};

}  // namespace mooring::sidecar
