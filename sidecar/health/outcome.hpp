// What one run of a check found: it is fine, or it failed, of which class, and why in one sentence for people.
//
// The class decides nothing here; it is a label on metrics and log lines that tells an operator where to look. The
// reason may quote foreign text, so whoever prints it escapes it; it never holds a secret.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace mooring::sidecar {

enum class failure_class {
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

class outcome {
 public:
  outcome() = default;
  static outcome fine() { return outcome(); }
  static outcome failed(failure_class why, std::string reason);

  bool ok() const { return ok_; }
  failure_class why() const { return why_; }             // of a failed one
  const std::string& reason() const { return reason_; }  // empty when ok
  std::chrono::microseconds elapsed() const { return elapsed_; }
  void took(std::chrono::steady_clock::duration time);

 private:
  bool ok_ = true;
  failure_class why_ = failure_class::down;
  std::string reason_;
  std::chrono::microseconds elapsed_{0};
};

}  // namespace mooring::sidecar
