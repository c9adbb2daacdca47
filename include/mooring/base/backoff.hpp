// Full-jitter exponential backoff as a pure function.
#pragma once

#include <algorithm>
#include <chrono>

namespace mooring {

struct backoff {
  std::chrono::milliseconds base{25};
  std::chrono::milliseconds limit{1000};

  // The pause before retry number `retry` (0 = the first one); `random` is uniform in [0, 1).
  std::chrono::milliseconds pause(int retry, double random) const {
    const int doublings = std::clamp(retry, 0, 20);
    const auto ceiling = std::min<long long>(limit.count(), base.count() << doublings);
    return std::chrono::milliseconds(static_cast<long long>(random * static_cast<double>(ceiling)));
  }
};

}  // namespace mooring
