#include "json_answer.hpp"

#include "iso_time.hpp"
#include "key_rules.hpp"
#include "mooring/base/json.hpp"

namespace mooring {
namespace {

using nlohmann::json;

std::string failure_of(const json& parsed) {
  if (!parsed.is_object()) return "";
  std::string out;
  for (const char* key : {"Code", "code", "Message", "message"}) {
    const std::string part = text_at(parsed, key);
    if (!part.empty()) out += (out.empty() ? "" : ": ") + part;
  }
  return one_line(out);
}

bool is_version_1(const json& parsed) {
  const auto found = parsed.find("Version");
  return found != parsed.end() && found->is_number_integer() && *found == 1;
}

}  // namespace

std::string failure_in_json(std::string_view body) {
  if (body.size() > longest_answer) return "";
  return failure_of(parse_json(body));
}

result<temporary_credentials> credentials_in_json(std::string_view body, json_dialect dialect,
                                                  std::string_view source) {
  const std::string from(source);
  if (body.size() > longest_answer) return error(errc::too_large, from + ": the answer is over 64 KiB");
  const json parsed = parse_json(body);
  if (!parsed.is_object()) return error(errc::bad_data, from + ": the answer is not a JSON object");
  if (dialect == json_dialect::process && !is_version_1(parsed))
    return error(errc::bad_data, from + ": the answer has not \"Version\": 1, the only one there is");
  const std::string code = text_at(parsed, "Code");
  if (dialect == json_dialect::instance && !code.empty() && code != "Success")
    return error(errc::misconfigured, from + ": " + failure_of(parsed));
  temporary_credentials out;
  out.source = from;
  out.keys.access_key_id = text_at(parsed, "AccessKeyId");
  out.keys.secret_access_key = text_at(parsed, "SecretAccessKey");
  out.keys.session_token = text_at(parsed, dialect == json_dialect::process ? "SessionToken" : "Token");
  if (auto fine = check_keys(out.keys, from); !fine) return fine.error();
  const bool for_good = dialect == json_dialect::process && !parsed.contains("Expiration");
  if (for_good) return out;
  out.expires = parse_iso_time(text_at(parsed, "Expiration"));
  if (!out.expires) return error(errc::bad_data, from + ": the answer's \"Expiration\" is not a time in ISO 8601");
  if (dialect != json_dialect::process && out.keys.session_token.empty())
    return error(errc::bad_data, from + ": the answer has no \"Token\"");
  return out;
}

}  // namespace mooring
