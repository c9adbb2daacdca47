#include "profile_source.hpp"

#include <algorithm>
#include <array>

#include "key_rules.hpp"
#include "process_source.hpp"
#include "web_identity_source.hpp"

namespace mooring {
namespace {

using profile_way = profile_plan::way;

std::string quoted(const std::string& profile) {
  return "profile \"" + profile + "\"";
}

role_request role_of(const profile_plan& plan) {
  role_request out;
  out.role_arn = plan.role_arn;
  out.session_name = plan.role_session_name;
  out.external_id = plan.external_id;
  out.duration_seconds = plan.duration_seconds;
  return out;
}

error single_sign_on_error(const std::string& profile) {
  return error(errc::unsupported,
               quoted(profile) +
                   ": signs on through IAM Identity Center (SSO), which needs a person and a browser and is not "
                   "supported; let another profile run credential_process = aws configure export-credentials "
                   "--format process --profile " +
                   profile + ", or use a role or keys");
}

result<temporary_credentials> static_credentials(const profile_plan& plan, const std::string& profile) {
  temporary_credentials out;
  out.source = quoted(profile);
  out.keys = plan.keys;
  if (auto fine = check_keys(out.keys, out.source); !fine) return fine.error();
  return out;
}

// A profile that is its own source lends its static keys to its role.
result<temporary_credentials> own_static_keys(const shared_profiles& all, const std::string& profile) {
  for (const profile_map* file : {&all.credentials_file, &all.config_file}) {
    const auto values = file->find(profile);
    const auto keys = values == file->end() ? std::nullopt : static_keys_in(values->second);
    if (!keys) continue;
    profile_plan plan;
    plan.keys = *keys;
    return static_credentials(plan, profile);
  }
  return error(errc::misconfigured, quoted(profile) + ": is its own source_profile and has no keys; add them");
}

}  // namespace

task<fetched_credentials> profile_source::fetch(steady_time deadline) {
  const auto all = co_await files_.read(deadline);
  if (!all) co_return all.error();
  const std::string& profile = files_.profile();
  if (!all->has(profile)) {
    if (!files_.profile_was_named()) co_return std::nullopt;
    co_return error(errc::misconfigured,
                    "AWS_PROFILE: there is no " + quoted(profile) + " in the shared files; add it or correct the name");
  }
  const auto plan = plan_of_profile(*all, profile);
  if (!plan) co_return plan.error();
  const bool ours = (plan->how == profile_way::assume_role) == (part_ == profile_part::assumed_role);
  if (!ours || plan->how == profile_way::nothing) co_return std::nullopt;
  std::vector<std::string> path;
  path.push_back(profile);
  auto found = co_await follow(*all, std::move(path), deadline);
  if (!found) co_return found.error();
  co_return *std::move(found);
}

task<profile_source::found_credentials> profile_source::follow(const shared_profiles& all,
                                                               std::vector<std::string> path, steady_time deadline) {
  const std::string profile = path.back();
  if (!all.has(profile))
    co_return error(errc::misconfigured,
                    "source_profile: there is no " + quoted(profile) + " in the shared files; add it");
  auto plan = plan_of_profile(all, profile);
  if (!plan) co_return plan.error();
  role_request role = role_of(*plan);
  switch (plan->how) {
    case profile_way::assume_role:
      co_return co_await assume(all, *std::move(plan), std::move(path), deadline);
    case profile_way::web_identity:
      co_return co_await exchange_web_identity(sts_, std::move(role), plan->token_file, deadline);
    case profile_way::process:
      co_return co_await credentials_from_process(plan->command, deadline);
    case profile_way::static_keys:
      co_return static_credentials(*plan, profile);
    case profile_way::single_sign_on:
      co_return single_sign_on_error(profile);
    case profile_way::nothing:
      break;
  }
  co_return error(errc::misconfigured, quoted(profile) + ": has no credentials; add keys, a role or a process");
}

task<profile_source::found_credentials> profile_source::assume(const shared_profiles& all, profile_plan plan,
                                                               std::vector<std::string> path, steady_time deadline) {
  const std::string profile = path.back();
  auto lent = co_await keys_for_role(all, plan, std::move(path), deadline);
  if (!lent) co_return lent.error();
  role_request role = role_of(plan);
  auto assumed = co_await sts_.assume_role(std::move(role), std::move(lent->keys), deadline);
  if (!assumed) co_return error(assumed.error().code(), quoted(profile) + ": " + assumed.error().detail());
  co_return assumed;
}

task<profile_source::found_credentials> profile_source::keys_for_role(const shared_profiles& all,
                                                                      const profile_plan& plan,
                                                                      std::vector<std::string> path,
                                                                      steady_time deadline) {
  const std::string profile = path.back();
  if (!plan.credential_source.empty()) co_return co_await from_named(plan.credential_source, profile, deadline);
  if (plan.source_profile == profile) co_return own_static_keys(all, profile);
  if (std::find(path.begin(), path.end(), plan.source_profile) != path.end())
    co_return error(errc::misconfigured, quoted(profile) + ": source_profile leads in a circle; correct it");
  path.push_back(plan.source_profile);
  co_return co_await follow(all, std::move(path), deadline);
}

task<profile_source::found_credentials> profile_source::from_named(const std::string& name, const std::string& profile,
                                                                   steady_time deadline) {
  const std::array<std::pair<std::string_view, credential_source*>, 3> known{
      {{"Environment", named_.environment},
       {"EcsContainer", named_.container},
       {"Ec2InstanceMetadata", named_.instance}}};
  for (const auto& [source_name, source] : known) {
    if (source_name != name) continue;
    auto found = co_await source->fetch(deadline);
    if (!found) co_return found.error();
    if (*found) co_return **std::move(found);
    co_return error(errc::misconfigured,
                    quoted(profile) + ": credential_source is " + name + ", which has no credentials on this node");
  }
  co_return error(errc::misconfigured, quoted(profile) + ": credential_source: found \"" + one_line(name) +
                                           "\"; write Environment, EcsContainer or Ec2InstanceMetadata");
}

}  // namespace mooring
