#include "http_failure.hpp"

namespace mooring::sidecar {

failure_class class_of_failed_request(errc code) {
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

}  // namespace mooring::sidecar
