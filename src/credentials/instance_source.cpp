#include "instance_source.hpp"

#include <algorithm>

#include "json_answer.hpp"
#include "key_rules.hpp"
#include "local_files.hpp"

namespace mooring {
namespace {

using namespace std::chrono_literals;

constexpr auto time_for_a_request = 1s;
constexpr std::size_t longest_role_name = 64;
constexpr std::size_t longest_session = 1024;
constexpr const char* roles_path = "/latest/meta-data/iam/security-credentials/";
constexpr const char* remedy =
    "; on EC2 give the instance a role (and a hop limit of 2 for containers), elsewhere set "
    "AWS_EC2_METADATA_DISABLED=true and AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or a profile";

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

bool is_header_text(std::string_view text) {
  return !text.empty() && text.size() <= longest_session &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

error instance_error(errc code, const std::string& what) {
  return error(code, "instance metadata, the last place to look for AWS credentials: " + what);
}

}  // namespace

struct instance_source::step {
  const char* method;
  std::string url;
  http_headers headers;

  step(const char* m, std::string u, std::string header, std::string value) : method(m), url(std::move(u)) {
    headers.emplace_back(std::move(header), std::move(value));
  }
};

bool instance_source::disabled() const {
  return lower(value_in(env_, "AWS_EC2_METADATA_DISABLED").value_or("")) == "true";
}

result<std::string> instance_source::endpoint() const {
  const bool ipv6 = lower(value_in(env_, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE").value_or("")) == "ipv6";
  std::string url = value_in(env_, "AWS_EC2_METADATA_SERVICE_ENDPOINT")
                        .value_or(ipv6 ? "http://[fd00:ec2::254]" : "http://169.254.169.254");
  if (url.rfind("http://", 0) != 0 && url.rfind("https://", 0) != 0)
    return error(errc::misconfigured, "AWS_EC2_METADATA_SERVICE_ENDPOINT: found \"" + one_line(url) +
                                          "\"; write a URL such as http://169.254.169.254");
  while (url.back() == '/')
    url.pop_back();
  return url;
}

task<result<std::string>> instance_source::ask(step what, steady_time deadline) {
  http_request request;
  request.method = what.method;
  request.url = what.url;
  request.headers = std::move(what.headers);
  request.direct = true;
  auto response = co_await http_.send(std::move(request), std::min(deadline, time_.steady() + time_for_a_request));
  if (!response) co_return instance_error(response.error().code(), response.error().detail() + remedy);
  if (response->status == 200) co_return std::move(response->body);
  const bool may_come_right = response->status >= 500 || response->status == 429 || response->status == 401;
  const std::string found = what.url + " says HTTP " + std::to_string(response->status);
  co_return instance_error(may_come_right ? errc::region_unavailable : errc::misconfigured, found + remedy);
}

result<std::string> role_in_list(std::string_view list) {
  const auto name = list.substr(0, list.find_first_of("\r\n"));
  const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("+=,.@_-").find(c) != std::string_view::npos;
  });
  if (name.empty() || name.size() > longest_role_name || !plain)
    return instance_error(errc::bad_data, "the list of roles does not begin with the name of a role");
  return std::string(name);
}

task<fetched_credentials> instance_source::fetch(steady_time deadline) {
  if (disabled()) co_return std::nullopt;
  const auto base = endpoint();
  if (!base) co_return base.error();
  step for_token("PUT", *base + "/latest/api/token", "x-aws-ec2-metadata-token-ttl-seconds", "21600");
  auto session = co_await ask(std::move(for_token), deadline);
  if (!session) co_return session.error();
  if (!is_header_text(*session)) co_return instance_error(errc::bad_data, *base + " gave no usable session token");
  step for_roles("GET", *base + roles_path, "x-aws-ec2-metadata-token", *session);
  auto roles = co_await ask(std::move(for_roles), deadline);
  if (!roles) co_return roles.error();
  auto role = role_in_list(*roles);
  if (!role) co_return role.error();
  step for_keys("GET", *base + roles_path + *role, "x-aws-ec2-metadata-token", *session);
  auto answered = co_await ask(std::move(for_keys), deadline);
  if (!answered) co_return answered.error();
  auto found = credentials_in_json(*answered, json_dialect::instance, "instance metadata");
  if (!found) co_return found.error();
  found->outlive_expiry = true;
  co_return *std::move(found);
}

}  // namespace mooring
