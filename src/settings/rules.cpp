#include "rules.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <set>

#include "mooring/base/region_name.hpp"

namespace mooring {
namespace {

// sockaddr_un.sun_path holds 108 bytes with its final zero (unix(7)); binding goes through "<path>.<pid>.tmp".
constexpr std::size_t longest_socket_path = 107 - sizeof(".4194304.tmp") + 1;

constexpr std::size_t longest_session_name = 64;
constexpr auto session_name_signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.";

// Names count as part of an item, for which session_store.hpp leaves 2 KB beside the data.
constexpr std::size_t longest_attribute_name = 64;

bool only(std::string_view text, std::string_view punctuation) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [punctuation](unsigned char c) {
    return std::isalnum(c) != 0 || punctuation.find(static_cast<char>(c)) != std::string_view::npos;
  });
}

// The host of a URL with its port; nothing for what is no URL, and for one with a password: it would be logged.
std::string_view host_of(std::string_view url) {
  const auto scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) return {};
  const auto scheme = url.substr(0, scheme_end);
  const auto rest = url.substr(scheme_end + 3);
  const auto host = rest.substr(0, rest.find_first_of("/?"));
  const bool printable = std::all_of(rest.begin(), rest.end(), [](unsigned char c) { return std::isgraph(c) != 0; });
  const bool fine = (scheme == "http" || scheme == "https") && printable && only(host, ".-_:[]");
  return fine ? host : std::string_view();
}

// Scheme, host and port: requests go to "/".
bool is_endpoint(std::string_view url) {
  const auto host = host_of(url);
  return !host.empty() && std::string_view(host.end(), url.end()).find_first_not_of('/') == std::string_view::npos;
}

void check_control_urls(config_reader& in, const std::vector<std::string>& urls) {
  if (urls.size() > most_control_urls)
    in.fault("region.control",
             "found " + std::to_string(urls.size()) + " URLs; write " + std::to_string(most_control_urls) + " at most");
  std::set<std::string_view> hosts;
  for (const std::string& url : urls) {
    const std::string_view host = host_of(url);
    if (host.empty())
      in.fault("region.control", "found \"" + url + "\"; write http:// or https://, a host, and a path if you like");
    else if (!hosts.insert(host).second)
      in.fault("region.control", "found " + std::string(host) + " twice; one host that is down must not count as two");
  }
}

void check_paths_and_names(config_reader& in, const settings& s) {
  for (const auto& [key, region] :
       {std::pair{"region.primary", s.region.primary}, {"region.secondary", s.region.secondary}})
    if (!is_region_name(region) && (key != std::string_view("region.secondary") || !region.empty()))
      in.fault(key, "found \"" + region + "\"; write a region such as \"us-east-1\"");
  if (s.region.primary == s.region.secondary)
    in.fault("region.secondary",
             "found \"" + s.region.secondary + "\", which is also the primary; write another region");
  if (s.dynamodb.table.size() < 3 || s.dynamodb.table.size() > 255)
    in.fault("dynamodb.table", "found \"" + s.dynamodb.table + "\"; DynamoDB table names have 3 to 255 characters");
  for (const auto& [region, url] : s.dynamodb.endpoints)
    if (!is_endpoint(url))
      in.fault("dynamodb.endpoints", "found \"" + url + "\" for " + region +
                                         "; write http:// or https://, a host, and a port if it is not the usual one");
  if (s.sessions.socket.empty() || s.sessions.socket.front() != '/')
    in.fault("sessions.socket", "found \"" + s.sessions.socket + "\"; write an absolute path");
  if (s.sessions.socket.size() > longest_socket_path)
    in.fault("sessions.socket", "found a path of " + std::to_string(s.sessions.socket.size()) +
                                    " bytes; write one of at most " + std::to_string(longest_socket_path));
  for (const auto& [prefix, name] : s.sessions.redis.prefixes)
    if (name.empty() || name.size() > longest_session_name || name.find_first_not_of(session_name_signs) < name.size())
      in.fault("sessions.redis.prefixes", "found \"" + name + "\" for \"" + prefix +
                                              "\"; write a session name of 1 to 64 letters, digits, _, - and .");
  unsigned mode = 0;
  const std::string& text = s.sessions.socket_mode;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), mode, 8);
  if (ec != std::errc{} || end != text.data() + text.size() || mode > 0777)
    in.fault("sessions.socket_mode", "found \"" + text + "\"; write an octal mode such as \"0660\"");
  for (const auto& [key, value] : {std::pair{"sidecar.listen", s.sidecar.listen}, {"sidecar.admin", s.sidecar.admin}})
    if (!parse_host_port(value))
      in.fault(key, "found \"" + value + "\"; write an address and a port such as \"127.0.0.1:8081\"");
}

// Each names one attribute of an item, beside those that have a fixed name.
void check_schema(config_reader& in, const session_settings& s) {
  if (s.schema != "mooring" && s.store == "embedded")
    in.fault("sessions.schema",
             "found \"" + s.schema +
                 "\", which is a form of DynamoDB items, with sessions.store = \"embedded\"; remove one");
  std::set<std::string> taken{"lock", "lock_owner", "lock_until", "ver", "mooring_sum"};
  for (const auto& [key, name] : {std::pair{"sessions.sdk.hash_key", s.sdk.hash_key},
                                  {"sessions.sdk.data_attribute", s.sdk.data_attribute},
                                  {"sessions.sdk.lifetime_attribute", s.sdk.lifetime_attribute}}) {
    if (name.empty() || name.size() > longest_attribute_name)
      in.fault(key,
               "found \"" + name + "\"; write a name of 1 to " + std::to_string(longest_attribute_name) + " bytes");
    else if (!taken.insert(name).second)
      in.fault(key, "found \"" + name + "\", which is also another attribute; write what the SDK's handler uses");
  }
}

// Who waits for the first region until the deadline never asks the other one.
void check_patience(config_reader& in, const settings& s) {
  if (s.region.secondary.empty() || s.sessions.region_patience < s.sessions.deadline) return;
  in.fault("sessions.region_patience", "is " + std::to_string(s.sessions.region_patience.count()) +
                                           " ms, which leaves nothing of sessions.deadline, " +
                                           std::to_string(s.sessions.deadline.count()) +
                                           " ms, for the other region; write less than half of it");
}

// The journal answers for the table while this node has the session's lease, and there is none without these.
void check_durability(config_reader& in, const session_settings& s) {
  if (s.durability != "journal") return;
  const char* key = "sessions.durability";
  if (s.store != "dynamodb")
    in.fault(key, "found \"journal\" with store = \"" + s.store + "\", which has every commit on the disk by itself;" +
                      " write \"write-through\", or store = \"dynamodb\"");
  if (s.locking != "cluster")
    in.fault(key, "found \"journal\" with locking = \"" + s.locking +
                      "\"; it needs the lease of locking = \"cluster\" to keep other nodes from older states");
  if (s.schema != "mooring")
    in.fault(key, "found \"journal\" with schema = \"" + s.schema +
                      "\", whose items other programs write without minding the lease; write \"write-through\"");
  if (s.journal_file.empty() || s.journal_file.front() != '/')
    in.fault("sessions.journal_file", "found \"" + s.journal_file + "\"; write an absolute path on a local disk");
}

}  // namespace

void check_rules(config_reader& in, const settings& s) {
  check_paths_and_names(in, s);
  check_control_urls(in, s.region.control);
  check_schema(in, s.sessions);
  check_patience(in, s);
  check_durability(in, s.sessions);
}

}  // namespace mooring
