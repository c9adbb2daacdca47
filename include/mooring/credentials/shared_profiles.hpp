// AWS's two shared files as values: ~/.aws/credentials with sections [name], ~/.aws/config with [profile name] and
// [default]. Pure; any text is accepted, and what is not understood is skipped, because other programs own the files.
//
// https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "mooring/aws/credentials.hpp"

namespace mooring {

enum class shared_file { credentials, config };

using profile_values = std::map<std::string, std::string>;  // keys in lower case
using profile_map = std::map<std::string, profile_values>;

profile_map profiles_in(std::string_view text, shared_file kind);

// The static keys of one profile; nothing when the profile or one of its two keys is absent.
std::optional<credentials> static_keys_in(const profile_values& values);
std::optional<credentials> profile_keys(std::string_view text, std::string_view profile, shared_file kind);

struct shared_profiles {
  profile_map credentials_file;
  profile_map config_file;

  bool has(const std::string& profile) const {
    return credentials_file.count(profile) != 0 || config_file.count(profile) != 0;
  }
  // One value; the credentials file wins. Empty: not there.
  std::string value(const std::string& profile, const std::string& key) const;
};

// How a profile wants its credentials to be got, in AWS's own order of preference.
struct profile_plan {
  enum class way { nothing, assume_role, web_identity, single_sign_on, static_keys, process };
  way how = way::nothing;
  credentials keys;               // static_keys
  std::string command;            // process
  std::string role_arn;           // assume_role and web_identity
  std::string role_session_name;  // empty: ours
  std::string external_id;
  std::string duration_seconds;
  std::string token_file;         // web_identity
  std::string source_profile;     // assume_role: one of these two
  std::string credential_source;  // Environment, Ec2InstanceMetadata or EcsContainer
};

// errc::misconfigured for settings that exclude each other or are incomplete, errc::unsupported for mfa_serial.
result<profile_plan> plan_of_profile(const shared_profiles& files, const std::string& profile);

}  // namespace mooring
