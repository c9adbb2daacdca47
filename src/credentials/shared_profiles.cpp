#include "mooring/credentials/shared_profiles.hpp"

#include <algorithm>

namespace mooring {
namespace {

constexpr std::string_view blanks = " \t\r";

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

std::string_view unquoted(std::string_view text) {
  const bool quoted = text.size() >= 2 && (text.front() == '"' || text.front() == '\'') && text.back() == text.front();
  return quoted ? text.substr(1, text.size() - 2) : text;
}

// The profile that a section's head opens; nothing for other kinds of section, such as [sso-session x].
std::optional<std::string> profile_named_by(std::string_view head, shared_file kind) {
  const auto end = head.find(']');
  if (end == std::string_view::npos) return std::nullopt;
  const auto name = trimmed(head.substr(1, end - 1));
  if (kind == shared_file::credentials || name == "default") return std::string(unquoted(name));
  constexpr std::string_view word = "profile";
  if (name.rfind(word, 0) != 0 || name.find_first_of(" \t") != word.size()) return std::nullopt;
  return std::string(unquoted(trimmed(name.substr(word.size()))));
}

const profile_values* find_profile(const profile_map& in, const std::string& name) {
  const auto found = in.find(name);
  return found == in.end() ? nullptr : &found->second;
}

std::string at(const profile_values& values, const std::string& key) {
  const auto found = values.find(key);
  return found == values.end() ? "" : found->second;
}

result<profile_plan> plan_of_role(profile_plan plan, const std::string& profile) {
  plan.how = profile_plan::way::assume_role;
  if (plan.source_profile.empty() == plan.credential_source.empty())
    return error(errc::misconfigured,
                 "profile \"" + profile + "\": role_arn needs either source_profile or credential_source; write one");
  return plan;
}

}  // namespace

profile_map profiles_in(std::string_view text, shared_file kind) {
  profile_map out;
  profile_values* inside = nullptr;
  bool nesting = false;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto raw = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const auto line = trimmed(raw);
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    if (line.front() == '[') {
      const auto name = profile_named_by(line, kind);
      inside = name ? &out[*name] : nullptr;
      nesting = false;
      continue;
    }
    // Indented lines after one without a value, such as "s3 =", are its own settings. None concerns credentials.
    const bool indented = raw.front() == ' ' || raw.front() == '\t';
    const auto equals = line.find('=');
    if (inside == nullptr || (nesting && indented) || equals == std::string_view::npos) continue;
    const auto value = trimmed(line.substr(equals + 1));
    nesting = value.empty();
    (*inside)[lower(trimmed(line.substr(0, equals)))] = value;
  }
  return out;
}

std::optional<credentials> static_keys_in(const profile_values& values) {
  credentials out;
  out.access_key_id = at(values, "aws_access_key_id");
  out.secret_access_key = at(values, "aws_secret_access_key");
  out.session_token = at(values, "aws_session_token");
  if (out.access_key_id.empty() || out.secret_access_key.empty()) return std::nullopt;
  return out;
}

std::optional<credentials> profile_keys(std::string_view text, std::string_view profile, shared_file kind) {
  const auto profiles = profiles_in(text, kind);
  const profile_values* found = find_profile(profiles, std::string(profile));
  if (found == nullptr) return std::nullopt;
  return static_keys_in(*found);
}

std::string shared_profiles::value(const std::string& profile, const std::string& key) const {
  for (const profile_map* file : {&credentials_file, &config_file}) {
    const profile_values* values = find_profile(*file, profile);
    const std::string found = values == nullptr ? "" : at(*values, key);
    if (!found.empty()) return found;
  }
  return "";
}

result<profile_plan> plan_of_profile(const shared_profiles& files, const std::string& profile) {
  profile_plan out;
  const auto value = [&](const char* key) { return files.value(profile, key); };
  const auto keys_in = [&](const profile_map& file) {
    const profile_values* values = find_profile(file, profile);
    auto found = values == nullptr ? std::nullopt : static_keys_in(*values);
    if (found) out.keys = *std::move(found);
    return !out.keys.access_key_id.empty();
  };
  out.role_arn = value("role_arn");
  out.role_session_name = value("role_session_name");
  out.external_id = value("external_id");
  out.duration_seconds = value("duration_seconds");
  out.token_file = value("web_identity_token_file");
  out.source_profile = value("source_profile");
  out.credential_source = value("credential_source");
  out.command = value("credential_process");
  if (!value("mfa_serial").empty() && !out.role_arn.empty())
    return error(errc::unsupported, "profile \"" + profile +
                                        "\": mfa_serial asks a person for a code, which a daemon cannot; use a role "
                                        "that does not require it");
  if (!out.role_arn.empty() && out.token_file.empty()) return plan_of_role(std::move(out), profile);
  if (!out.token_file.empty() && out.role_arn.empty())
    return error(errc::misconfigured,
                 "profile \"" + profile + "\": web_identity_token_file needs role_arn; write the role to assume");
  if (!out.token_file.empty())
    out.how = profile_plan::way::web_identity;
  else if (!value("sso_session").empty() || !value("sso_start_url").empty())
    out.how = profile_plan::way::single_sign_on;
  else if (keys_in(files.credentials_file))
    out.how = profile_plan::way::static_keys;
  else if (!out.command.empty())
    out.how = profile_plan::way::process;
  else if (keys_in(files.config_file))
    out.how = profile_plan::way::static_keys;
  return out;
}

}  // namespace mooring
