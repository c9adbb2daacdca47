#include "mooring/aws/sigv4.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <ctime>
#include <map>
#include <vector>

#include "mooring/base/digest.hpp"

namespace mooring {
namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";

// Changed by proxies or by the client library after signing, so never signed (as botocore/auth.py).
constexpr std::array<std::string_view, 11> unsigned_headers{
    "connection",        "expect",  "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer",
    "transfer-encoding", "upgrade", "user-agent", "x-amzn-trace-id"};

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return std::tolower(c); });
  return out;
}

std::string percent_encoded(std::string_view text, std::string_view also_plain) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = std::isalnum(byte) != 0 || std::string_view("-._~").find(c) != std::string_view::npos ||
                       also_plain.find(c) != std::string_view::npos;
    if (plain)
      out.push_back(c);
    else
      out.append({'%', digits[byte >> 4], digits[byte & 15]});
  }
  return out;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 2 < text.size() &&
                        std::isxdigit(static_cast<unsigned char>(text[i + 1])) &&
                        std::isxdigit(static_cast<unsigned char>(text[i + 2]));
    if (!escape) {
      out.push_back(text[i]);
      continue;
    }
    out.push_back(static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16)));
    i += 2;
  }
  return out;
}

std::string normalized(std::string_view path) {
  std::vector<std::string_view> kept;
  bool folder = true;
  for (std::size_t start = 0; start <= path.size();) {
    const auto slash = std::min(path.find('/', start), path.size());
    const auto part = path.substr(start, slash - start);
    start = slash + 1;
    folder = part.empty() || part == "." || part == "..";
    if (part == ".." && !kept.empty()) kept.pop_back();
    if (!folder) kept.push_back(part);
  }
  std::string out;
  for (const auto part : kept)
    out.append("/").append(part);
  if (folder || out.empty()) out.push_back('/');
  return out;
}

std::string canonical_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> pairs;
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const auto part = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    const auto equals = std::min(part.find('='), part.size());
    const auto value = equals == part.size() ? std::string_view() : part.substr(equals + 1);
    pairs.emplace_back(percent_encoded(percent_decoded(part.substr(0, equals)), ""),
                       percent_encoded(percent_decoded(value), ""));
  }
  std::sort(pairs.begin(), pairs.end());
  std::string out;
  for (const auto& [name, value] : pairs) {
    if (!out.empty()) out.push_back('&');
    out.append(name).append("=").append(value);
  }
  return out;
}

// Leading and trailing blanks go, inner runs become one blank, folded lines are joined.
std::string trimmed(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (std::isspace(static_cast<unsigned char>(c)) == 0)
      out.push_back(c);
    else if (!out.empty() && out.back() != ' ')
      out.push_back(' ');
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

struct canonical_headers {
  std::string lines;
  std::string names;
};

canonical_headers canonicalised(const http_headers& headers) {
  std::map<std::string, std::string> sorted;
  for (const auto& [name, value] : headers) {
    const std::string key = lower(name);
    if (std::find(unsigned_headers.begin(), unsigned_headers.end(), key) != unsigned_headers.end()) continue;
    const auto [at, is_new] = sorted.try_emplace(key, trimmed(value));
    if (!is_new) at->second.append(",").append(trimmed(value));
  }
  canonical_headers out;
  for (const auto& [name, value] : sorted) {
    out.lines.append(name).append(":").append(value).append("\n");
    if (!out.names.empty()) out.names.push_back(';');
    out.names.append(name);
  }
  return out;
}

std::string timestamp(wall_time when) {
  const std::time_t seconds_since_1970 = std::chrono::system_clock::to_time_t(when);
  std::tm parts{};
  gmtime_r(&seconds_since_1970, &parts);
  char out[sizeof "20150830T123600Z"];
  std::strftime(out, sizeof out, "%Y%m%dT%H%M%SZ", &parts);
  return out;
}

}  // namespace

signed_parts sigv4_signer::sign(const signable_request& request, const credentials& keys, wall_time now) {
  const std::string time = timestamp(now);
  const std::string date = time.substr(0, 8);
  const std::string body_hash = sha256_hex(request.body);
  const bool has_token = !keys.session_token.empty();

  signed_parts out;
  out.added.emplace_back("x-amz-date", time);
  if (options_.sign_body_header) out.added.emplace_back("x-amz-content-sha256", body_hash);
  if (has_token && options_.sign_session_token) out.added.emplace_back("x-amz-security-token", keys.session_token);
  http_headers all = request.headers;
  all.insert(all.end(), out.added.begin(), out.added.end());
  const canonical_headers headers = canonicalised(all);

  const auto question = std::min(request.target.find('?'), request.target.size());
  const std::string path = request.target.substr(0, question);
  const std::string query = question == request.target.size() ? "" : request.target.substr(question + 1);
  out.canonical_request = request.method + "\n" +
                          percent_encoded(options_.normalize_path ? normalized(path) : path, "/") + "\n" +
                          canonical_query(query) + "\n" + headers.lines + "\n" + headers.names + "\n" + body_hash;

  const std::string credential_scope = date + "/" + scope_.region + "/" + scope_.service + "/aws4_request";
  out.string_to_sign =
      std::string(algorithm) + "\n" + time + "\n" + credential_scope + "\n" + sha256_hex(out.canonical_request);
  out.signature = to_hex(hmac_sha256(signing_key(date, keys), out.string_to_sign));
  out.added.emplace_back("authorization", std::string(algorithm) + " Credential=" + keys.access_key_id + "/" +
                                              credential_scope + ", SignedHeaders=" + headers.names +
                                              ", Signature=" + out.signature);
  if (has_token && !options_.sign_session_token) out.added.emplace_back("x-amz-security-token", keys.session_token);
  return out;
}

const std::string& sigv4_signer::signing_key(const std::string& date, const credentials& keys) {
  const std::string wanted = date + "\n" + keys.secret_access_key;
  if (cached_for_ != wanted) {
    const std::string of_date = hmac_sha256("AWS4" + keys.secret_access_key, date);
    const std::string of_region = hmac_sha256(of_date, scope_.region);
    const std::string of_service = hmac_sha256(of_region, scope_.service);
    cached_key_ = hmac_sha256(of_service, "aws4_request");
    cached_for_ = wanted;
  }
  return cached_key_;
}

}  // namespace mooring
