#include "sts_xml.hpp"

#include "iso_time.hpp"
#include "key_rules.hpp"

namespace mooring {
namespace {

// The text at `path` when it is there exactly once.
std::optional<std::string> only_at(const std::vector<xml_leaf>& leaves, const std::string& path) {
  std::optional<std::string> out;
  for (const xml_leaf& leaf : leaves) {
    if (leaf.path != path) continue;
    if (out) return std::nullopt;
    out = leaf.text;
  }
  return out;
}

}  // namespace

result<temporary_credentials> credentials_in_sts_xml(std::string_view body, std::string_view action) {
  const auto leaves = leaves_of_xml(body);
  if (!leaves) return leaves.error();
  const std::string name(action);
  const std::string folder = name + "Response/" + name + "Result/Credentials/";
  const auto id = only_at(*leaves, folder + "AccessKeyId");
  const auto secret = only_at(*leaves, folder + "SecretAccessKey");
  const auto token = only_at(*leaves, folder + "SessionToken");
  const auto expiration = only_at(*leaves, folder + "Expiration");
  const std::string source = "STS " + name;
  if (!id || !secret || !token || !expiration || token->empty())
    return error(errc::bad_data, source + ": the answer has not each of the four fields of <Credentials> once");
  temporary_credentials out;
  out.source = source;
  out.keys.access_key_id = *id;
  out.keys.secret_access_key = *secret;
  out.keys.session_token = *token;
  if (auto fine = check_keys(out.keys, source); !fine) return fine.error();
  out.expires = parse_iso_time(*expiration);
  if (!out.expires) return error(errc::bad_data, source + ": the answer's <Expiration> is not a time in ISO 8601");
  return out;
}

sts_failure failure_in_sts_xml(std::string_view body) {
  sts_failure out;
  const auto leaves = leaves_of_xml(body);
  if (!leaves) return out;
  out.code = one_line(only_at(*leaves, "ErrorResponse/Error/Code").value_or(""));
  out.message = one_line(only_at(*leaves, "ErrorResponse/Error/Message").value_or(""));
  return out;
}

}  // namespace mooring
