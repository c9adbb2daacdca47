#include "outcome.hpp"

#include <utility>

namespace mooring::sidecar {

std::string_view name_of(failure_class why) {
  switch (why) {
    case failure_class::none:
      return "ok";
    case failure_class::down:
      return "down";
    case failure_class::timed_out:
      return "timed_out";
    case failure_class::overload:
      return "overload";
    case failure_class::configuration:
      return "configuration";
    case failure_class::read_only:
      return "read_only";
    case failure_class::clock:
      return "clock";
    case failure_class::no_network:
      return "no_network";
    case failure_class::bad_answer:
      return "bad_answer";
  }
  return "unknown";
}

failure_class failure_class_of(errc code) {
  switch (code) {
    case errc::region_unavailable:
      return failure_class::down;
    case errc::timed_out:
      return failure_class::timed_out;
    case errc::throttled:
      return failure_class::overload;
    case errc::misconfigured:
      return failure_class::configuration;
    case errc::clock_skew:
      return failure_class::clock;
    case errc::no_network:
      return failure_class::no_network;
    default:
      return failure_class::bad_answer;
  }
}

outcome outcome::failed(failure_class why, std::string reason) {
  outcome out;
  out.why_ = why;
  out.reason_ = std::move(reason);
  return out;
}

void outcome::took(std::chrono::steady_clock::duration time) {
  elapsed_ = std::chrono::duration_cast<std::chrono::microseconds>(time);
}

}  // namespace mooring::sidecar
