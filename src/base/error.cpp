#include "mooring/base/error.hpp"

#include <stdexcept>
#include <system_error>

namespace mooring {

std::string_view name_of(errc code) {
  switch (code) {
    case errc::timed_out:
      return "timed_out";
    case errc::cancelled:
      return "cancelled";
    case errc::region_unavailable:
      return "region_unavailable";
    case errc::throttled:
      return "throttled";
    case errc::misconfigured:
      return "misconfigured";
    case errc::clock_skew:
      return "clock_skew";
    case errc::no_network:
      return "no_network";
    case errc::stale:
      return "stale";
    case errc::busy:
      return "busy";
    case errc::too_large:
      return "too_large";
    case errc::bad_data:
      return "bad_data";
    case errc::invalid_argument:
      return "invalid_argument";
    case errc::io:
      return "io";
    case errc::unsupported:
      return "unsupported";
  }
  return "unknown";
}

std::string error::text() const {
  return std::string(name_of(code_)) + ": " + detail_;
}

error system_error(std::string_view what, int errno_value) {
  return error(errc::io, std::string(what) + ": " + std::generic_category().message(errno_value));
}

void throw_exception_from_error(const error& failure, const boost::source_location& where) {
  throw std::logic_error("value() of a failed result at " + where.to_string() + ": " + failure.text());
}

}  // namespace mooring
