// Which of the daemon's own environment variables a hook gets, and which the commands of nginx get.
//
// The daemon's environment may hold DB_PASS and other secrets, and a program that it starts needs few of them. Pure.
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace mooring::sidecar {

// What a program needs to find files and to write texts.
inline constexpr std::array common_variables = {
    std::string_view("PATH"), std::string_view("HOME"),   std::string_view("USER"), std::string_view("LOGNAME"),
    std::string_view("LANG"), std::string_view("LC_ALL"), std::string_view("TZ"),   std::string_view("TMPDIR"),
};

// What the ready-made hooks read beside MOORING_*: a proxy, and AWS's own ways to credentials.
inline constexpr std::array ready_made_hook_variables = {
    std::string_view("https_proxy"),
    std::string_view("HTTPS_PROXY"),
    std::string_view("no_proxy"),
    std::string_view("NO_PROXY"),
    std::string_view("AWS_ACCESS_KEY_ID"),
    std::string_view("AWS_SECRET_ACCESS_KEY"),
    std::string_view("AWS_SESSION_TOKEN"),
    std::string_view("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
    std::string_view("AWS_CONTAINER_CREDENTIALS_FULL_URI"),
    std::string_view("AWS_CONTAINER_AUTHORIZATION_TOKEN"),
    std::string_view("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"),
    std::string_view("AWS_EC2_METADATA_DISABLED"),
    std::string_view("AWS_EC2_METADATA_SERVICE_ENDPOINT"),
};

template <class Names>
bool is_among(std::string_view name, const Names& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

inline bool nginx_inherits(std::string_view name) {
  return is_among(name, common_variables);
}

// `further`: hooks.environment.
inline bool hook_inherits(std::string_view name, const std::vector<std::string>& further) {
  return name.starts_with("MOORING_") || is_among(name, common_variables) ||
         is_among(name, ready_made_hook_variables) || is_among(name, further);
}

}  // namespace mooring::sidecar
