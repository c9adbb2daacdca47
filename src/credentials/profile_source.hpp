// The profile AWS_PROFILE of the shared files, and the profiles that it takes its role's keys from.
//
// AWS's order puts the web identity of the environment between a profile's role and everything else it may say, so
// that the chain asks twice.
#pragma once

#include "local_files.hpp"
#include "sts_client.hpp"

namespace mooring {

enum class profile_part { assumed_role, everything_else };

// What `credential_source` in a profile may name.
struct named_sources {
  credential_source* environment;
  credential_source* container;
  credential_source* instance;
};

class profile_source final : public credential_source {
 public:
  profile_source(profile_part part, shared_files& files, sts_client& sts, const named_sources& named)
      : part_(part), files_(files), sts_(sts), named_(named) {}

  task<fetched_credentials> fetch(steady_time deadline) override;

 private:
  using found_credentials = result<temporary_credentials>;
  // `path`: the profiles that led to this one, the last of which is the one to follow.
  task<found_credentials> follow(const shared_profiles& all, std::vector<std::string> path, steady_time deadline);
  task<found_credentials> assume(const shared_profiles& all, profile_plan plan, std::vector<std::string> path,
                                 steady_time deadline);
  task<found_credentials> keys_for_role(const shared_profiles& all, const profile_plan& plan,
                                        std::vector<std::string> path, steady_time deadline);
  task<found_credentials> from_named(const std::string& name, const std::string& profile, steady_time deadline);

  profile_part part_;
  shared_files& files_;
  sts_client& sts_;
  named_sources named_;
};

}  // namespace mooring
