// AWS credentials, and who provides them.
//
// current() never blocks and does no I/O, so that it may be called for every request; whoever must ask somebody
// (instance metadata, STS, a process, a file) does so in a task of its own, see credentials/refreshing_provider.hpp. A
// failure is errc::misconfigured and never counts against a region. Values are never logged.
#pragma once

#include <string>

#include "mooring/base/error.hpp"

namespace mooring {

struct credentials {
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token;  // empty for long-lived keys

  bool operator==(const credentials&) const = default;
};

class credentials_provider {
 public:
  virtual ~credentials_provider() = default;
  virtual result<credentials> current() = 0;
};

}  // namespace mooring
