#include "sts_client.hpp"

#include <curl/curl.h>

#include <array>

#include "mooring/aws/sigv4.hpp"
#include "sts_xml.hpp"

namespace mooring {
namespace {

using form = std::vector<std::pair<std::string, std::string>>;

std::string form_encoded(const form& fields) {
  static constexpr char digits[] = "0123456789ABCDEF";
  static constexpr std::string_view plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  const auto append = [](std::string& out, std::string_view text) {
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      if (plain.find(c) != std::string_view::npos)
        out.push_back(c);
      else
        out.append({'%', digits[byte >> 4], digits[byte & 15]});
    }
  };
  std::string out;
  for (const auto& [name, value] : fields) {
    if (!out.empty()) out.push_back('&');
    append(out, name);
    out.push_back('=');
    append(out, value);
  }
  return out;
}

form fields_of(const std::string& action, const role_request& request, const std::string& session_name) {
  form out{
      {"Action", action}, {"Version", "2011-06-15"}, {"RoleArn", request.role_arn}, {"RoleSessionName", session_name}};
  if (!request.duration_seconds.empty()) out.emplace_back("DurationSeconds", request.duration_seconds);
  return out;
}

std::string host_of(const std::string& url) {
  const auto start = url.find("://") + 3;
  return url.substr(start, url.find('/', start) - start);
}

bool is_clock_error(const sts_failure& failure) {
  return failure.code == "RequestExpired" || failure.message.find("Signature expired") != std::string::npos ||
         failure.message.find("Signature not yet current") != std::string::npos;
}

}  // namespace

struct sts_client::call {
  std::string action;
  std::string body;
  std::optional<credentials> signer;
};

error sts_error(long status, std::string_view body, const std::string& action, const std::string& region) {
  const sts_failure failure = failure_in_sts_xml(body);
  std::string text = "STS " + action + " in " + region + ": HTTP " + std::to_string(status);
  if (!failure.code.empty()) text += " " + failure.code;
  if (!failure.message.empty()) text += ": " + failure.message;
  errc code = errc::misconfigured;
  if (status >= 500 || failure.code == "IDPCommunicationError") code = errc::region_unavailable;
  if (failure.code == "Throttling" || failure.code == "ThrottlingException" || status == 429) code = errc::throttled;
  if (is_clock_error(failure)) code = errc::clock_skew;
  if (code == errc::misconfigured) text += "; check role_arn, the role's trust policy and the caller's keys or token";
  return error(code, text);
}

std::string sts_client::url_in(const std::string& region) const {
  if (!endpoint_.empty()) return endpoint_;
  const bool china = region.rfind("cn-", 0) == 0;
  return "https://sts." + region + (china ? ".amazonaws.com.cn" : ".amazonaws.com") + "/";
}

std::string sts_client::session_name_of(const role_request& request) const {
  if (!request.session_name.empty()) return request.session_name;
  return "mooring-" + std::to_string(unix_seconds(time_.wall()));
}

http_request sts_client::request_for(const call& what, const std::string& region, seconds clock_correction) const {
  http_request out;
  out.url = url_in(region);
  out.headers = {{"content-type", "application/x-www-form-urlencoded; charset=utf-8"}};
  out.body = what.body;
  if (!what.signer) return out;
  const auto start = out.url.find("://") + 3;
  const auto slash = out.url.find('/', start);
  signable_request unsigned_parts;
  unsigned_parts.method = "POST";
  unsigned_parts.target = slash == std::string::npos ? "/" : out.url.substr(slash);
  out.headers.emplace_back("host", host_of(out.url));
  unsigned_parts.headers = out.headers;
  unsigned_parts.body = out.body;
  sigv4_signer signer({region, "sts"}, {});
  const auto parts = signer.sign(unsigned_parts, *what.signer, time_.wall() + clock_correction);
  out.headers.insert(out.headers.end(), parts.added.begin(), parts.added.end());
  return out;
}

task<result<temporary_credentials>> sts_client::ask_region(const call& what, const std::string& region,
                                                           steady_time deadline) {
  seconds correction{0};
  for (;;) {
    http_request request = request_for(what, region, correction);
    auto response = co_await http_.send(std::move(request), deadline);
    if (!response) co_return response.error();
    if (response->status == 200) co_return credentials_in_sts_xml(response->body, what.action);
    const error failure = sts_error(response->status, response->body, what.action, region);
    const auto date = response->header("date");
    if (failure.code() != errc::clock_skew || !what.signer || !date || correction.count() != 0) co_return failure;
    const std::time_t service = curl_getdate(std::string(*date).c_str(), nullptr);
    correction = service < 0 ? seconds(0) : seconds(service - unix_seconds(time_.wall()));
    if (correction.count() == 0) co_return failure;
  }
}

task<result<temporary_credentials>> sts_client::ask(const call& what, steady_time deadline) {
  for (std::size_t i = 0;; ++i) {
    const bool last = i + 1 >= regions_.size();
    // Whoever comes later needs time for an answer too.
    const auto share = (deadline - time_.steady()) / static_cast<int>(regions_.size() - i);
    auto answered = co_await ask_region(what, regions_[i], time_.steady() + share);
    if (answered || last || !answered.error().meaning().retryable) co_return answered;
  }
}

task<result<temporary_credentials>> sts_client::assume_role(role_request request, credentials keys,
                                                            steady_time deadline) {
  call what;
  what.action = "AssumeRole";
  form fields = fields_of(what.action, request, session_name_of(request));
  if (!request.external_id.empty()) fields.emplace_back("ExternalId", request.external_id);
  what.body = form_encoded(fields);
  what.signer = std::move(keys);
  co_return co_await ask(what, deadline);
}

task<result<temporary_credentials>> sts_client::assume_role_with_web_identity(role_request request, std::string token,
                                                                              steady_time deadline) {
  call what;
  what.action = "AssumeRoleWithWebIdentity";
  form fields = fields_of(what.action, request, session_name_of(request));
  fields.emplace_back("WebIdentityToken", std::move(token));
  what.body = form_encoded(fields);
  co_return co_await ask(what, deadline);
}

}  // namespace mooring
