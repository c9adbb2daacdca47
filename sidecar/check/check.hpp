// One thing that this node needs in order to serve, and how to find out whether it is there.
#pragma once

#include <string>

#include "mooring/base/clock.hpp"
#include "mooring/net/task.hpp"
#include "sidecar/health/outcome.hpp"

namespace mooring::sidecar {

// A request ends so long before its check's deadline: then the scheduler gives up, and nobody hears what was wrong.
constexpr milliseconds time_to_tell{20};

class check {
 public:
  virtual ~check() = default;

  // Names the check in metrics, logs and the status page: "mysql", "dynamodb.us-east-1".
  virtual const std::string& name() const = 0;

  // Never throws for what the world does. May be cancelled at any co_await; the scheduler does so at the deadline.
  virtual task<outcome> probe(steady_time deadline) = 0;

  // The next run should come at fast_interval, whatever this check's own state is.
  virtual bool hurries() const { return false; }

  // A run that was given up still occupies a thread inside a client library, and nothing can end it.
  virtual bool hangs() const { return false; }
};

}  // namespace mooring::sidecar
