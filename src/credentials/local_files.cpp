#include "local_files.hpp"

#include <sys/stat.h>

#include <cerrno>

#include "mooring/base/small_file.hpp"
#include "mooring/net/own_thread.hpp"

namespace mooring {
namespace {

constexpr std::size_t largest_shared_file = 1024 * 1024;

result<std::string> whole_file(const std::string& path, std::size_t limit) {
  auto found = read_small_file(path, limit);
  if (!found) {
    const bool too_large = found.error().code() == errc::too_large;
    return error(errc::misconfigured, found.error().detail() + (too_large ? "; name another file" : ""));
  }
  if (!*found) return error(errc::misconfigured, system_error("cannot read " + path, ENOENT).detail());
  return **std::move(found);
}

}  // namespace

std::optional<std::string> value_in(const environment& env, const char* name) {
  auto value = env(name);
  if (!value || value->empty()) return std::nullopt;
  return value;
}

task<result<std::string>> read_credential_file(std::string path, std::size_t limit, steady_time deadline) {
  const auto work = [path, limit] { return whole_file(path, limit); };
  co_return co_await run_on_own_thread(work, deadline, "cannot read " + path + ": its disk does not answer");
}

shared_files::shared_files(const environment& env)
    : profile_(value_in(env, "AWS_PROFILE").value_or("default")), named_(value_in(env, "AWS_PROFILE").has_value()) {
  const std::string folder = value_in(env, "HOME").value_or("") + "/.aws/";
  credentials_path_ = value_in(env, "AWS_SHARED_CREDENTIALS_FILE").value_or(folder + "credentials");
  config_path_ = value_in(env, "AWS_CONFIG_FILE").value_or(folder + "config");
}

shared_files::stamp shared_files::stamp_of(const std::string& path) {
  struct ::stat found {};
  if (::stat(path.c_str(), &found) != 0) return std::nullopt;
  return std::pair(found.st_mtim.tv_sec, found.st_mtim.tv_nsec);
}

result<profile_map> shared_files::read_one(const std::string& path, const stamp& at, shared_file kind) {
  if (!at) return profile_map();
  const auto text = whole_file(path, largest_shared_file);
  if (!text) return text.error();
  return profiles_in(*text, kind);
}

shared_files::snapshot shared_files::read_both(const std::string& credentials_path, const std::string& config_path) {
  snapshot out;
  // The stamps come first: a change while a file is read is seen as one the next time.
  out.credentials_at = stamp_of(credentials_path);
  out.config_at = stamp_of(config_path);
  auto keys = read_one(credentials_path, out.credentials_at, shared_file::credentials);
  auto config = read_one(config_path, out.config_at, shared_file::config);
  if (!keys || !config) {
    out.profiles = keys ? config.error() : keys.error();
    return out;
  }
  shared_profiles both;
  both.credentials_file = *std::move(keys);
  both.config_file = *std::move(config);
  out.profiles = std::move(both);
  return out;
}

task<result<shared_profiles>> shared_files::read(steady_time deadline) {
  const auto work = [one = credentials_path_, other = config_path_]() -> result<snapshot> {
    return read_both(one, other);
  };
  std::string late = "cannot read " + credentials_path_ + " and " + config_path_ + ": the disk does not answer";
  auto seen = co_await run_on_own_thread(work, deadline, std::move(late));
  if (!seen) co_return seen.error();
  read_ = true;
  credentials_at_ = seen->credentials_at;
  config_at_ = seen->config_at;
  co_return std::move(seen->profiles);
}

task<bool> shared_files::changed(steady_time deadline) const {
  if (!read_) co_return false;
  const auto work = [one = credentials_path_, other = config_path_]() -> result<std::pair<stamp, stamp>> {
    return std::pair(stamp_of(one), stamp_of(other));
  };
  const auto seen = co_await run_on_own_thread(work, deadline, "the disk does not answer");
  co_return seen&&* seen != std::pair(credentials_at_, config_at_);
}

}  // namespace mooring
