// One place where AWS credentials may come from: environment, shared files, STS, a process, container, instance.
//
// fetch() asks that place once, within the deadline, and gives nothing when this node is not set up for it; then the
// next source of the chain is asked. An error means that the source is set up and does not work: the search ends there,
// so that a node never runs quietly under another identity than the one it was given.
#pragma once

#include <optional>
#include <string>

#include "mooring/aws/credentials.hpp"
#include "mooring/base/clock.hpp"
#include "mooring/net/task.hpp"

namespace mooring {

struct temporary_credentials {
  credentials keys;
  std::string source;                // for the log: "instance metadata"
  std::optional<wall_time> expires;  // nothing: they do not expire
  // The instance's metadata service outlives its own expiry dates when its back end is ill, and says: keep using them.
  bool outlive_expiry = false;
};

using fetched_credentials = result<std::optional<temporary_credentials>>;

class credential_source {
 public:
  virtual ~credential_source() = default;
  virtual task<fetched_credentials> fetch(steady_time deadline) = 0;

  // Whether a local file that the last fetch() read is another one by now: rotated keys. False, too, when that cannot
  // be told by the deadline.
  virtual task<bool> changed(steady_time) { co_return false; }
};

}  // namespace mooring
