#include "hook_folder.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

namespace mooring::sidecar {
namespace {

namespace fs = std::filesystem;

constexpr auto name_signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

// Empty: it may run.
std::string why_not(const fs::path& file) {
  struct ::stat facts = {};
  if (::stat(file.c_str(), &facts) != 0) return "it cannot be read; remove it, or mend the link";
  if (!S_ISREG(facts.st_mode)) return "it is no file; remove it";
  if ((facts.st_mode & (S_IWGRP | S_IWOTH)) != 0) return "others may write it; chmod go-w";
  if (::access(file.c_str(), X_OK) != 0) return "it is not executable for this user; chmod +x, or remove it";
  return "";
}

}  // namespace

result<hook_folder> read_hook_folder(const std::string& path) {
  hook_folder out;
  std::error_code failed;
  if (!fs::exists(path, failed)) return out;
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
