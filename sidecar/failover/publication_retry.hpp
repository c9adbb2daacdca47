// When a publication that failed is due again: after a second, then after twice as long each time, up to half a minute.
// Pure.
#pragma once

#include <algorithm>
#include <optional>
#include <string>

#include "mooring/base/clock.hpp"

namespace mooring::sidecar {

constexpr milliseconds first_publication_retry{1'000};
constexpr milliseconds longest_publication_retry{30'000};

class publication_retry {
 public:
  void failed(std::string reason, steady_time now) {
    failure_ = std::move(reason);
    at_ = now + pause_;
    pause_ = std::min(2 * pause_, longest_publication_retry);
  }
  // Another publication takes its place. Whether that one works is not known yet, so the failure is still told.
  void replaced() {
    at_.reset();
    pause_ = first_publication_retry;
  }
  void succeeded() {
    replaced();
    failure_.clear();
  }

  // True once, when it is due.
  bool take_due(steady_time now) {
    if (!at_ || *at_ > now) return false;
    at_.reset();
    return true;
  }

  const std::optional<steady_time>& at() const { return at_; }
  const std::string& failure() const { return failure_; }  // the last one's; empty when there is none

 private:
  std::optional<steady_time> at_;
  milliseconds pause_ = first_publication_retry;
  std::string failure_;
};

}  // namespace mooring::sidecar
