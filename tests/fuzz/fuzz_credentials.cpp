// AWS's shared files: the first line is the profile, the rest the text of both files.
// This code should never throw, for any input.
#include "fuzz.hpp"
#include "mooring/credentials/shared_profiles.hpp"

using mooring::profile_plan;
using mooring::shared_file;
using mooring::fuzz::must;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto text = mooring::fuzz::text_of(data, size);
  const auto profile = mooring::fuzz::take_until(text, '\n');
  for (const auto kind : {shared_file::credentials, shared_file::config}) {
    const auto keys = mooring::profile_keys(text, profile, kind);
    if (!keys) continue;
    must(!keys->access_key_id.empty() && !keys->secret_access_key.empty(), "keys come in pairs");
    for (const auto& value : {keys->access_key_id, keys->secret_access_key, keys->session_token})
      must(value.find_first_of("\r\n") != 0 && value.find('\n') == std::string::npos, "a key is of one line");
  }
  mooring::shared_profiles files;
  files.credentials_file = mooring::profiles_in(text, shared_file::credentials);
  files.config_file = mooring::profiles_in(text, shared_file::config);
  const auto plan = mooring::plan_of_profile(files, std::string(profile));
  if (!plan) return 0;
  const bool role = plan->how == profile_plan::way::assume_role || plan->how == profile_plan::way::web_identity;
  must(!role || !plan->role_arn.empty(), "a role has a name");
  must(plan->how != profile_plan::way::process || !plan->command.empty(), "a process has a command");
  must(plan->how != profile_plan::way::static_keys || !plan->keys.secret_access_key.empty(), "keys are there");
  return 0;
}
