#include "container_source.hpp"

#include "container_address.hpp"
#include "json_answer.hpp"
#include "key_rules.hpp"
#include "local_files.hpp"
#include "mooring/net/deadline.hpp"

namespace mooring {
namespace {

using namespace std::chrono_literals;

constexpr auto time_for_a_try = 2s;
constexpr int tries = 3;
constexpr const char* relative_name = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
constexpr const char* full_name = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
constexpr const char* token_name = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
constexpr const char* token_file_name = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";

task<result<std::string>> authorization(environment env, steady_time deadline) {
  if (const auto path = value_in(env, token_file_name)) {
    const auto token = co_await read_credential_file(*path, longest_token, deadline);
    if (!token) co_return error(token.error().code(), std::string(token_file_name) + ": " + token.error().detail());
    co_return container_authorization(*token, token_file_name);
  }
  const auto token = value_in(env, token_name);
  if (!token) co_return std::string();
  co_return container_authorization(*token, token_name);
}

}  // namespace

task<result<http_request>> container_source::request(steady_time deadline) const {
  const auto relative = value_in(env_, relative_name);
  auto url =
      relative ? container_url_of_relative(*relative) : container_url_of_full(value_in(env_, full_name).value_or(""));
  if (!url) co_return url.error();
  auto token = co_await authorization(env_, deadline);
  if (!token) co_return token.error();
  http_request out;
  out.method = "GET";
  out.url = *std::move(url);
  out.direct = out.url.rfind("http://", 0) == 0;
  out.headers = {{"accept", "application/json"}};
  if (!token->empty()) out.headers.emplace_back("authorization", *std::move(token));
  co_return out;
}

task<result<temporary_credentials>> container_source::ask_once(steady_time deadline) {
  auto asked = co_await request(deadline);
  if (!asked) co_return asked.error();
  const std::string from = "container credentials at " + asked->url;
  auto response = co_await http_.send(*std::move(asked), deadline);
  if (!response) co_return error(response.error().code(), "container credentials: " + response.error().detail());
  if (response->status == 200) {
    auto found = credentials_in_json(response->body, json_dialect::container, from);
    if (found) found->source = "container";
    co_return found;
  }
  const bool their_fault = response->status >= 500 || response->status == 429;
  const std::string why = failure_in_json(response->body);
  co_return error(their_fault ? errc::region_unavailable : errc::misconfigured,
                  from + ": HTTP " + std::to_string(response->status) + (why.empty() ? "" : " " + why) +
                      (their_fault ? "" : "; check the task's or pod's role and its authorization token"));
}

task<fetched_credentials> container_source::fetch(steady_time deadline) {
  if (!value_in(env_, relative_name) && !value_in(env_, full_name)) co_return std::nullopt;
  for (int tried = 1;; ++tried) {
    auto found = co_await ask_once(std::min(deadline, time_.steady() + time_for_a_try));
    if (found) co_return *std::move(found);
    const bool again = tried < tries && found.error().meaning().transient && time_.steady() + pause_ < deadline;
    if (!again) co_return found.error();
    const bool slept = co_await sleep_for(pause_);
    if (!slept) co_return error(errc::cancelled, "container credentials: stopped between two tries");
  }
}

}  // namespace mooring
