#include "probe_outcome.hpp"

namespace mooring::sidecar {

std::string_view name_of(probe_class found) {
  switch (found) {
    case probe_class::ok:
      return "ok";
    case probe_class::regional:
      return "regional";
    case probe_class::throttle:
      return "throttle";
    case probe_class::config:
      return "config";
    case probe_class::clock:
      return "clock";
    case probe_class::local:
      return "local";
  }
  return "unknown";
}

probe_class probe_class_of(errc code) {
  if (meaning_of(code).region_fault) return probe_class::regional;
  switch (code) {
    case errc::throttled:
      return probe_class::throttle;
    case errc::clock_skew:
      return probe_class::clock;
    case errc::no_network:
      return probe_class::local;
    default:
      return probe_class::config;
  }
}

}  // namespace mooring::sidecar
