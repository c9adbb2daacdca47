// The local files that credentials come from.
#pragma once

#include <ctime>
#include <optional>
#include <utility>

#include "mooring/credentials/shared_profiles.hpp"
#include "mooring/settings/settings.hpp"

namespace mooring {

// A variable that is set and not empty.
std::optional<std::string> value_in(const environment& env, const char* name);

// A whole file of at most `limit` bytes; errc::misconfigured when it cannot be read or is larger.
result<std::string> read_credential_file(const std::string& path, std::size_t limit);

// AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE, and whether they changed since they were read last.
class shared_files {
 public:
  explicit shared_files(const environment& env);

  // An absent file counts as an empty one.
  result<shared_profiles> read();
  bool changed() const;

  const std::string& profile() const { return profile_; }
  bool profile_was_named() const { return named_; }

 private:
  using stamp = std::pair<std::time_t, long>;
  struct file {
    std::string path;
    std::optional<stamp> read_at;
  };
  static std::optional<stamp> stamp_of(const std::string& path);
  static result<profile_map> read_one(file& from, shared_file kind);

  std::string profile_;
  bool named_;
  file credentials_;
  file config_;
  bool read_ = false;
};

}  // namespace mooring
