#include "environment_source.hpp"

#include "key_rules.hpp"
#include "local_files.hpp"

namespace mooring {

task<fetched_credentials> environment_source::fetch(steady_time) {
  const auto id = value_in(env_, "AWS_ACCESS_KEY_ID");
  const auto secret = value_in(env_, "AWS_SECRET_ACCESS_KEY");
  if (!id && !secret) co_return std::nullopt;
  if (!id || !secret)
    co_return error(errc::misconfigured, std::string(id ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID") +
                                             " is missing although the other half of the pair is set; set it too");
  temporary_credentials out;
  out.source = "environment";
  out.keys.access_key_id = *id;
  out.keys.secret_access_key = *secret;
  out.keys.session_token = value_in(env_, "AWS_SESSION_TOKEN").value_or("");
  const auto fine = check_keys(out.keys, "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
  if (!fine) co_return fine.error();
  co_return out;
}

}  // namespace mooring
