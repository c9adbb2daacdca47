// AWS credentials, and who provides them.
//
// current() never blocks and never does I/O beyond a stat() of a local file, so that it may be called for every
// request; sources that must ask somebody (instance metadata, STS, a process) refresh in a task of their own. A
// failure is errc::misconfigured and never counts against a region. Values are never logged.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "mooring/base/clock.hpp"
#include "mooring/base/error.hpp"
#include "mooring/settings/settings.hpp"

namespace mooring {

struct credentials {
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token;  // empty for long-lived keys
};

class credentials_provider {
 public:
  virtual ~credentials_provider() = default;
  virtual result<credentials> current() = 0;
};

// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN; without them the profile AWS_PROFILE (default
// "default") of AWS_SHARED_CREDENTIALS_FILE (~/.aws/credentials), then of AWS_CONFIG_FILE (~/.aws/config). The files
// are read again when their modification time changes, so rotated keys need no restart.
std::unique_ptr<credentials_provider> make_credentials_chain(environment env);

// The static keys of one profile in the text of a shared file. In the config file sections are "[profile name]" but
// for "[default]". Nothing when the profile or one of its two keys is absent.
enum class shared_file { credentials, config };
std::optional<credentials> profile_keys(std::string_view text, std::string_view profile, shared_file kind);

}  // namespace mooring
