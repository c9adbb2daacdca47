// How many flushes may be under way. Pure.
//
// While the table answers: max_flushes. Once it fails: one at a time, after a growing pause by chance, until one
// succeeds; so an outage is neither made worse nor noticed late to be over.
#pragma once

#include <cstddef>
#include <optional>

#include "mooring/base/backoff.hpp"
#include "mooring/base/clock.hpp"

namespace mooring::sessiond {

constexpr std::size_t max_flushes = 32;

class flush_gate {
 public:
  void succeeded() { failures_ = 0; }
  // `chance`: uniform in [0, 1).
  void failed(steady_time now, double chance) { opens_ = now + pauses_.pause(failures_++, chance); }
  void hurry() { opens_ = steady_time(); }

  // The last flush failed.
  bool is_cut_off() const { return failures_ > 0; }
  bool lets_in(steady_time now, std::size_t under_way) const {
    return is_cut_off() ? under_way == 0 && now >= opens_ : under_way < max_flushes;
  }
  // When lets_in() changes by itself; nothing: with the end of a flush.
  std::optional<steady_time> next_opening(std::size_t under_way) const {
    if (!is_cut_off() || under_way > 0) return std::nullopt;
    return opens_;
  }

 private:
  backoff pauses_;
  int failures_ = 0;
  steady_time opens_;
};

}  // namespace mooring::sessiond
