#include "local_files.hpp"

#include <sys/stat.h>

#include <cerrno>

#include "mooring/base/small_file.hpp"

namespace mooring {
namespace {

constexpr std::size_t largest_shared_file = 1024 * 1024;

}  // namespace

std::optional<std::string> value_in(const environment& env, const char* name) {
  auto value = env(name);
  if (!value || value->empty()) return std::nullopt;
  return value;
}

result<std::string> read_credential_file(const std::string& path, std::size_t limit) {
  auto found = read_small_file(path, limit);
  if (!found) {
    const bool too_large = found.error().code() == errc::too_large;
    return error(errc::misconfigured, found.error().detail() + (too_large ? "; name another file" : ""));
  }
  if (!*found) return error(errc::misconfigured, system_error("cannot read " + path, ENOENT).detail());
  return **std::move(found);
}

shared_files::shared_files(const environment& env)
    : profile_(value_in(env, "AWS_PROFILE").value_or("default")), named_(value_in(env, "AWS_PROFILE").has_value()) {
  const std::string folder = value_in(env, "HOME").value_or("") + "/.aws/";
  credentials_.path = value_in(env, "AWS_SHARED_CREDENTIALS_FILE").value_or(folder + "credentials");
  config_.path = value_in(env, "AWS_CONFIG_FILE").value_or(folder + "config");
}

std::optional<shared_files::stamp> shared_files::stamp_of(const std::string& path) {
  struct ::stat found {};
  if (::stat(path.c_str(), &found) != 0) return std::nullopt;
  return stamp(found.st_mtim.tv_sec, found.st_mtim.tv_nsec);
}

result<profile_map> shared_files::read_one(file& from, shared_file kind) {
  // The stamp comes first: a change while the file is read is seen as one the next time.
  from.read_at = stamp_of(from.path);
  if (!from.read_at) return profile_map();
  const auto text = read_credential_file(from.path, largest_shared_file);
  if (!text) return text.error();
  return profiles_in(*text, kind);
}

result<shared_profiles> shared_files::read() {
  read_ = true;
  auto keys = read_one(credentials_, shared_file::credentials);
  auto config = read_one(config_, shared_file::config);
  if (!keys) return keys.error();
  if (!config) return config.error();
  shared_profiles out;
  out.credentials_file = *std::move(keys);
  out.config_file = *std::move(config);
  return out;
}

bool shared_files::changed() const {
  return read_ && (stamp_of(credentials_.path) != credentials_.read_at || stamp_of(config_.path) != config_.read_at);
}

}  // namespace mooring
