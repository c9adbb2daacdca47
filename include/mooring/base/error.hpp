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
  region_unavailable,  // DNS, connect, TLS, read timeout or HTTP 5xx
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

// What an error means for whoever has to decide what to do next. error.cpp has the one table with a row for each errc;
// nothing else in the project lists error codes to decide on, so a new code is a row there.
//
// no_network is no region_fault, because every region looks like that to a node without a network and no region should
// be left for it. It is other_region all the same, because the route may be missing to that one region alone, and a
// command that is tried there costs nothing.
struct error_meaning {
  std::string_view name;
  bool transient = false;      // the same request may succeed later although nobody changes anything
  bool retryable = false;      // says nothing about the request itself: the same one may be sent again at once
  bool region_fault = false;   // speaks about the region; this alone is evidence for moving a fleet's region (sidecar)
  bool other_region = false;   // the other region may do it: a command may be sent there as a bridge (sessiond)
  bool answered = false;       // the service has spoken, if only to refuse; so it is reachable
  bool callers_fault = false;  // the request, or another client of the same session, is the reason; the store is well
  bool permanent = false;      // the same request is refused in the same way whenever it is sent again
};

const error_meaning& meaning_of(errc code);

class error {
 public:
  // Only for boost::system::result<void, E>, which makes one when asked for the error of a success.
  error() : code_(errc::io) {}
  error(errc code, std::string detail) : code_(code), detail_(std::move(detail)) {}

  errc code() const { return code_; }
  const error_meaning& meaning() const { return meaning_of(code_); }
  const std::string& detail() const { return detail_; }

  // "timed_out: GetItem on us-east-1 gave no answer"
  std::string text() const;

 private:
  errc code_;
  std::string detail_;
};

template <class T>
using result = boost::system::result<T, error>;

// `failure` with the setting that it is about in front: "sidecar.control: bind: Address already in use".
error named(std::string_view setting, const error& failure);

// The error of the last failed system call, e.g. system_error("open /run/x") -> "open /run/x: Permission denied".
error system_error(std::string_view what, int errno_value);

// Found by result<T>::value(): asking a failed result for its value is a bug, not an outcome.
[[noreturn]] void throw_exception_from_error(const error& failure, const boost::source_location& where);

}  // namespace mooring
