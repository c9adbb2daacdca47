#include "container_address.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>

#include "key_rules.hpp"

namespace mooring {
namespace {

constexpr std::size_t longest_uri = 2048;

bool is_plain(std::string_view uri) {
  return uri.size() <= longest_uri && std::all_of(uri.begin(), uri.end(), [](char c) {
           return c > ' ' && c < '\x7f' && c != '\\' && c != '#' && c != '"' && c != '<' && c != '>';
         });
}

// "[::1]:80" -> "::1", "host:80" -> "host"; empty for what is not a host with an optional port.
std::string host_in(std::string_view authority) {
  const bool bracketed = !authority.empty() && authority.front() == '[';
  const auto end = bracketed ? authority.find(']') : std::min(authority.find(':'), authority.size());
  if (end == std::string_view::npos) return "";
  const auto host = bracketed ? authority.substr(1, end - 1) : authority.substr(0, end);
  auto port = authority.substr(end + (bracketed ? 1 : 0));
  if (!port.empty() && port.front() != ':') return "";
  if (!port.empty()) port.remove_prefix(1);
  const bool digits = std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; });
  return digits && port.size() <= 5 ? std::string(host) : "";
}

bool is_trusted_without_tls(const std::string& host) {
  if (host == "localhost") return true;
  boost::system::error_code ec;
  const auto address = boost::asio::ip::make_address(host, ec);
  if (ec) return false;
  return address.is_loopback() || address == boost::asio::ip::make_address("169.254.170.2") ||
         address == boost::asio::ip::make_address("169.254.170.23") ||
         address == boost::asio::ip::make_address("fd00:ec2::23");
}

error bad_full(const char* what) {
  return error(errc::misconfigured, std::string("AWS_CONTAINER_CREDENTIALS_FULL_URI: ") + what);
}

}  // namespace

result<std::string> container_url_of_relative(std::string_view uri) {
  if (uri.empty() || uri.front() != '/' || !is_plain(uri))
    return error(errc::misconfigured,
                 "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: is not a path; it must begin with / and have no blanks");
  return "http://169.254.170.2" + std::string(uri);
}

result<std::string> container_url_of_full(std::string_view uri) {
  const bool tls = uri.rfind("https://", 0) == 0;
  if ((!tls && uri.rfind("http://", 0) != 0) || !is_plain(uri))
    return bad_full("is not a URL; write http:// or https://, a host and a path");
  auto authority = uri.substr(tls ? 8 : 7);
  authority = authority.substr(0, authority.find_first_of("/?"));
  if (authority.find('@') != std::string_view::npos) return bad_full("names a user; remove it");
  const std::string host = host_in(authority);
  if (host.empty()) return bad_full("has no host");
  if (!tls && !is_trusted_without_tls(host))
    return bad_full("http is for 127.0.0.1, 169.254.170.2, 169.254.170.23 and [fd00:ec2::23] only; use https");
  return std::string(uri);
}

result<std::string> container_authorization(std::string_view token, std::string_view where) {
  const std::string from(where);
  if (token.size() > longest_token) return error(errc::misconfigured, from + ": the token is over 16 KiB");
  if (token.find_first_of("\r\n") != std::string_view::npos)
    return error(errc::misconfigured, from + ": the token has a line break; remove it, also at the end");
  if (token.empty() || std::any_of(token.begin(), token.end(), [](char c) { return c < ' ' || c == '\x7f'; }))
    return error(errc::misconfigured, from + ": the token is empty or has control signs");
  return std::string(token);
}

}  // namespace mooring
