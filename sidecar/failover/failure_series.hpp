// Failures in a row: how many, and over which time. They span from the start of the first probe that failed to the end
// of the last one.
#pragma once

#include <cstdint>

#include "mooring/base/clock.hpp"

namespace mooring::sidecar {

class failure_series {
 public:
  void fail(steady_time begun, steady_time ended) {
    if (count_++ == 0) first_begun_ = begun;
    last_ended_ = ended;
  }
  void clear() { count_ = 0; }

  bool empty() const { return count_ == 0; }
  std::int64_t count() const { return count_; }
  steady_time::duration span() const { return empty() ? steady_time::duration(0) : last_ended_ - first_begun_; }
  bool reaches(std::int64_t count, milliseconds time) const { return count_ >= count && span() >= time; }

 private:
  std::int64_t count_ = 0;
  steady_time first_begun_{};
  steady_time last_ended_{};
};

}  // namespace mooring::sidecar
