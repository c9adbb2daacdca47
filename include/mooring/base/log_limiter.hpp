// Keeps a fault that happens a thousand times a second from writing a thousand lines: one a second, with the count of
// those that were left out. Pure.
#pragma once

#include <cstdint>
#include <optional>

#include "mooring/base/clock.hpp"

namespace mooring {

class log_limiter {
 public:
  static constexpr seconds interval{1};

  // How many events were left out since the last line; nothing: leave this one out too.
  std::optional<std::uint64_t> admit(steady_time now) {
    if (last_ && now - *last_ < interval) {
      ++left_out_;
      return std::nullopt;
    }
    last_ = now;
    const std::uint64_t count = left_out_;
    left_out_ = 0;
    return count;
  }

 private:
  std::optional<steady_time> last_;
  std::uint64_t left_out_ = 0;
};

}  // namespace mooring
