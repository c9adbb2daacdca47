#include "web_identity_source.hpp"

#include "local_files.hpp"

namespace mooring {
namespace {

// STS takes tokens of up to 20,000 characters.
constexpr std::size_t longest_web_token = 20'000;

std::string without_end_of_line(std::string text) {
  const auto last = text.find_last_not_of("\r\n");
  text.resize(last == std::string::npos ? 0 : last + 1);
  return text;
}

}  // namespace

task<result<temporary_credentials>> exchange_web_identity(sts_client& sts, role_request role, std::string token_file,
                                                          steady_time deadline) {
  auto read = co_await read_credential_file(token_file, longest_web_token + 2, deadline);
  if (!read) co_return error(read.error().code(), "the web identity token file: " + read.error().detail());
  std::string token = without_end_of_line(*std::move(read));
  if (token.empty()) co_return error(errc::misconfigured, "the web identity token file " + token_file + " is empty");
  co_return co_await sts.assume_role_with_web_identity(std::move(role), std::move(token), deadline);
}

task<fetched_credentials> web_identity_source::fetch(steady_time deadline) {
  const auto token_file = value_in(env_, "AWS_WEB_IDENTITY_TOKEN_FILE");
  if (!token_file) co_return std::nullopt;
  role_request role;
  role.role_arn = value_in(env_, "AWS_ROLE_ARN").value_or("");
  role.session_name = value_in(env_, "AWS_ROLE_SESSION_NAME").value_or("");
  if (role.role_arn.empty())
    co_return error(errc::misconfigured, "AWS_WEB_IDENTITY_TOKEN_FILE needs AWS_ROLE_ARN; set the role to assume");
  auto exchanged = co_await exchange_web_identity(sts_, std::move(role), *token_file, deadline);
  if (!exchanged) co_return exchanged.error();
  co_return *std::move(exchanged);
}

}  // namespace mooring
