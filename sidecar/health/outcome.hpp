// What one run of a check found: it is fine, or it failed, of which class, and why in one sentence for people.
//
// The class is a label on metrics and log lines that tells an operator where to look, and what sidecar/failover decides
// on when a region was probed. The reason may quote foreign text, so whoever prints it escapes it; it never holds a
// secret.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "mooring/base/error.hpp"

namespace mooring::sidecar {

enum class failure_class {
  none,           // it has not failed; its name is "ok"
  down,           // nobody answers there
  timed_out,      // no answer before the deadline
  overload,       // it answers, and asks for less load
  configuration,  // credentials, names or permissions: a person has to change something
  read_only,      // it answers, and takes no writes
  clock,          // it refuses this node's clock
  no_network,     // this node has no route
  bad_answer,     // it answers, and not in the way it should
};

std::string_view name_of(failure_class why);

// The class of a request over HTTP that failed. errc::cancelled is no outcome; do not ask for its class.
failure_class failure_class_of(errc code);

class outcome {
 public:
  outcome() = default;
  static outcome fine() { return outcome(); }
  static outcome failed(failure_class why, std::string reason);

  bool ok() const { return why_ == failure_class::none; }
  failure_class why() const { return why_; }
  const std::string& reason() const { return reason_; }  // empty when ok
  std::chrono::microseconds elapsed() const { return elapsed_; }
  void took(std::chrono::steady_clock::duration time);

 private:
  failure_class why_ = failure_class::none;
  std::string reason_;
  std::chrono::microseconds elapsed_{0};
};

}  // namespace mooring::sidecar
