// The local files that credentials come from.
#pragma once

#include <ctime>
#include <optional>
#include <utility>

#include "mooring/base/clock.hpp"
#include "mooring/credentials/shared_profiles.hpp"
#include "mooring/net/task.hpp"
#include "mooring/settings/settings.hpp"

namespace mooring {

// A variable that is set and not empty.
std::optional<std::string> value_in(const environment& env, const char* name);

// A whole file of at most `limit` bytes; errc::misconfigured when it cannot be read or is larger, errc::timed_out when
// its disk does not answer by the deadline. Read on a thread of its own.
task<result<std::string>> read_credential_file(std::string path, std::size_t limit, steady_time deadline);

// AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE, and whether they changed since they were read last. Both are looked
// at on a thread of its own, by the deadline.
class shared_files {
 public:
  explicit shared_files(const environment& env);

  // An absent file counts as an empty one.
  task<result<shared_profiles>> read(steady_time deadline);
  // False, too, while the disk does not answer.
  task<bool> changed(steady_time deadline) const;

  const std::string& profile() const { return profile_; }
  bool profile_was_named() const { return named_; }

 private:
  using stamp = std::optional<std::pair<std::time_t, long>>;
  struct snapshot {
    stamp credentials_at;
    stamp config_at;
    result<shared_profiles> profiles;
  };
  static stamp stamp_of(const std::string& path);
  static result<profile_map> read_one(const std::string& path, const stamp& at, shared_file kind);
  static snapshot read_both(const std::string& credentials_path, const std::string& config_path);

  std::string profile_;
  bool named_;
  std::string credentials_path_;
  std::string config_path_;
  stamp credentials_at_;
  stamp config_at_;
  bool read_ = false;
};

}  // namespace mooring
