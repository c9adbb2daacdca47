#include "hook_folder.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

namespace mooring::sidecar {
namespace {

namespace fs = std::filesystem;

constexpr auto name_signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

std::string why_others_may_change(const struct ::stat& facts) {
  return mooring::sidecar::why_others_may_change(facts.st_uid, facts.st_mode, ::geteuid());
}

// Empty: it may run.
std::string why_not(const fs::path& file) {
  struct ::stat facts = {};
  if (::stat(file.c_str(), &facts) != 0) return "it cannot be read; remove it, or mend the link";
  if (!S_ISREG(facts.st_mode)) return "it is no file; remove it";
  if (std::string reason = why_others_may_change(facts); !reason.empty()) return reason;
  if (::access(file.c_str(), X_OK) != 0) return "it is not executable for this user; chmod +x, or remove it";
  std::error_code failed;
  const fs::path home = fs::canonical(file, failed).parent_path();
  if (failed || ::stat(home.c_str(), &facts) != 0) return "its folder cannot be read; mend the link";
  const std::string reason = why_others_may_change(facts);
  return reason.empty() ? "" : "its folder " + home.string() + " is not safe: " + reason;
}

}  // namespace

std::string why_others_may_change(::uid_t owner, ::mode_t mode, ::uid_t daemon) {
  if (owner != 0 && owner != daemon)
    return "it belongs to user " + std::to_string(owner) + "; chown it to root or to the user of mooring-sidecar";
  if ((mode & (S_IWGRP | S_IWOTH)) != 0) return "others may write it; chmod go-w";
  return "";
}

result<hook_folder> read_hook_folder(const std::string& path) {
  hook_folder out;
  std::error_code failed;
  struct ::stat facts = {};
  if (::stat(path.c_str(), &facts) != 0) {
    if (errno == ENOENT) return out;
    return system_error(path, errno);
  }
  if (const std::string reason = why_others_may_change(facts); !reason.empty())
    return error(errc::misconfigured, path + ": " + reason + ". No hook of it runs");
  std::vector<std::string> names;
  for (fs::directory_iterator entry(path, failed), end; !failed && entry != end; entry.increment(failed)) {
    std::string name = entry->path().filename();
    if (name.find_first_not_of(name_signs) == std::string::npos) names.push_back(std::move(name));
  }
  if (failed) return error(errc::io, path + ": " + failed.message());
  std::sort(names.begin(), names.end());
  for (std::string& name : names) {
    std::string reason = why_not(fs::path(path) / name);
    if (reason.empty() && out.hooks.size() == max_hooks)
      reason = "there are more than " + std::to_string(max_hooks) + " hooks; remove some";
    if (reason.empty())
      out.hooks.push_back(std::move(name));
    else
      out.refused.push_back(name + ": " + reason);
  }
  return out;
}

}  // namespace mooring::sidecar
