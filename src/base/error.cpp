#include "mooring/base/error.hpp"

#include <iterator>
#include <stdexcept>
#include <system_error>

namespace mooring {

namespace {

// The order of errc.
constexpr error_meaning meanings[] = {
    {.name = "timed_out", .transient = true, .retryable = true, .region_fault = true, .other_region = true},
    {.name = "cancelled", .transient = true},
    {.name = "region_unavailable", .transient = true, .retryable = true, .region_fault = true, .other_region = true},
    {.name = "throttled", .transient = true, .retryable = true, .answered = true},
    {.name = "misconfigured"},
    {.name = "clock_skew", .transient = true, .answered = true},
    {.name = "no_network", .transient = true, .retryable = true, .other_region = true},
    {.name = "stale", .answered = true, .callers_fault = true},
    {.name = "busy", .answered = true, .callers_fault = true},
    {.name = "too_large", .callers_fault = true, .permanent = true},
    {.name = "bad_data", .answered = true, .permanent = true},
    {.name = "invalid_argument", .callers_fault = true, .permanent = true},
    {.name = "io", .transient = true},
    {.name = "unsupported", .permanent = true},
};
static_assert(std::size(meanings) == static_cast<std::size_t>(errc::unsupported) + 1, "a row for each errc");

}  // namespace

const error_meaning& meaning_of(errc code) {
  return meanings[static_cast<std::size_t>(code)];
}

std::string_view name_of(errc code) {
  return meaning_of(code).name;
}

std::string error::text() const {
  return std::string(name_of(code_)) + ": " + detail_;
}

error named(std::string_view setting, const error& failure) {
  return error(failure.code(), std::string(setting) + ": " + failure.detail());
}

error system_error(std::string_view what, int errno_value) {
  return error(errc::io, std::string(what) + ": " + std::generic_category().message(errno_value));
}

void throw_exception_from_error(const error& failure, const boost::source_location& where) {
  throw std::logic_error("value() of a failed result at " + where.to_string() + ": " + failure.text());
}

}  // namespace mooring
