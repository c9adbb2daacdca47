#include "outcome_window.hpp"

namespace mooring::sidecar {

void outcome_window::record(bool failed, steady_time begun, steady_time ended) {
  entry made;
  made.failed = failed;
  made.begun = begun;
  made.ended = ended;
  failures_ += failed ? 1 : 0;
  if (entries_.size() < size_) {
    entries_.push_back(made);
    return;
  }
  failures_ -= entries_[oldest_].failed ? 1 : 0;
  entries_[oldest_] = made;
  oldest_ = (oldest_ + 1) % size_;
}

void outcome_window::clear() {
  entries_.clear();
  oldest_ = 0;
  failures_ = 0;
}

bool outcome_window::half_failed(milliseconds time) const {
  if (entries_.size() < size_ || 2 * failures_ < static_cast<std::int64_t>(size_)) return false;
  const entry* first = nullptr;
  const entry* last = nullptr;
  for (std::size_t i = 0; i < size_; ++i) {
    const entry& e = entries_[(oldest_ + i) % size_];
    if (!e.failed) continue;
    if (first == nullptr) first = &e;
    last = &e;
  }
  return last->ended - first->begun >= time;
}

}  // namespace mooring::sidecar
