// Errors that the world causes, as values.
//
// Every function that can fail because of something outside the process returns result<T>. Exceptions are for bugs and
// for start-up. An error carries a code to decide on and a sentence for people: what happened, with the names involved.
// The sentence never holds a secret or session data.
#pragma once

#include <boost/system/result.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace mooring {

enum class errc {
  timed_out,           // the caller's deadline passed; the operation may still have happened on the other side
  cancelled,           // somebody asked for the operation to stop, e.g. at shutdown
  region_unavailable,  // DNS, connect, TLS, read timeout or HTTP 5xx: with timed_out what may move a region
  throttled,           // the service asked for less load; another region would not help
  misconfigured,       // credentials, permissions, table name, request: a person has to change something
  clock_skew,          // the service refused the signature because of this node's clock
  no_network,          // this node has no route: says nothing about the other side; another one may be reached
  stale,               // a newer version is stored, or the lock was lost: nothing was overwritten
  busy,                // a lock or a queue was not free in time
  too_large,           // over a named limit; nothing was stored or read
  bad_data,            // bytes that do not parse or that this version does not understand
  invalid_argument,    // the caller's request itself is wrong
  io,                  // the local disk, socket or file system
  unsupported,         // a known feature that this build or setting does not provide
};

std::string_view name_of(errc code);

class error {
 public:
  // Only for boost::system::result<void, E>, which makes one when asked for the error of a success.
  error() : code_(errc::io) {}
  error(errc code, std::string detail) : code_(code), detail_(std::move(detail)) {}

  errc code() const { return code_; }
  const std::string& detail() const { return detail_; }

  // "timed_out: GetItem on us-east-1 gave no answer"
  std::string text() const;

 private:
  errc code_;
  std::string detail_;
};

template <class T>
using result = boost::system::result<T, error>;

// The error of the last failed system call, e.g. system_error("open /run/x") -> "open /run/x: Permission denied".
error system_error(std::string_view what, int errno_value);

// Found by result<T>::value(): asking a failed result for its value is a bug, not an outcome.
[[noreturn]] void throw_exception_from_error(const error& failure, const boost::source_location& where);

}  // namespace mooring
