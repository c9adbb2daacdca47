#include "mooring/aws/credentials.hpp"

#include <sys/stat.h>

#include <fstream>
#include <sstream>

namespace mooring {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

// A shared file that is read again when it changes.
class watched_file {
 public:
  watched_file(std::string path, shared_file kind) : path_(std::move(path)), kind_(kind) {}

  const std::optional<credentials>& keys_of(const std::string& profile) {
    struct ::stat found {};
    const bool present = ::stat(path_.c_str(), &found) == 0;
    const auto stamp = std::make_pair(found.st_mtim.tv_sec, found.st_mtim.tv_nsec);
    if (!present) {
      keys_.reset();
      read_at_.reset();
    } else if (!read_at_ || *read_at_ != stamp) {
      std::ifstream file(path_);
      std::ostringstream text;
      text << file.rdbuf();
      keys_ = profile_keys(text.str(), profile, kind_);
      read_at_ = stamp;
    }
    return keys_;
  }

 private:
  std::string path_;
  shared_file kind_;
  std::optional<std::pair<time_t, long>> read_at_;
  std::optional<credentials> keys_;
};

class local_chain final : public credentials_provider {
 public:
  explicit local_chain(environment env)
      : env_(std::move(env)),
        profile_(value_or("AWS_PROFILE", "default")),
        credentials_file_(value_or("AWS_SHARED_CREDENTIALS_FILE", home() + "/.aws/credentials"),
                          shared_file::credentials),
        config_file_(value_or("AWS_CONFIG_FILE", home() + "/.aws/config"), shared_file::config) {}

  result<credentials> current() override {
    const auto id = env_("AWS_ACCESS_KEY_ID");
    const auto secret = env_("AWS_SECRET_ACCESS_KEY");
    if (id && secret && !id->empty() && !secret->empty()) {
      credentials out;
      out.access_key_id = *id;
      out.secret_access_key = *secret;
      out.session_token = value_or("AWS_SESSION_TOKEN", "");
      return out;
    }
    if (const auto& found = credentials_file_.keys_of(profile_)) return *found;
    if (const auto& found = config_file_.keys_of(profile_)) return *found;
    return error(errc::misconfigured,
                 "no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or put profile \"" + profile_ +
                     "\" into ~/.aws/credentials");
  }

 private:
  std::string value_or(const char* name, const std::string& fallback) const {
    const auto value = env_(name);
    return value && !value->empty() ? *value : fallback;
  }
  std::string home() const { return value_or("HOME", "/root"); }

  environment env_;
  std::string profile_;
  watched_file credentials_file_;
  watched_file config_file_;
};

}  // namespace

std::optional<credentials> profile_keys(std::string_view text, std::string_view profile, shared_file kind) {
  const bool long_form = kind == shared_file::config && profile != "default";
  const std::string wanted = "[" + std::string(long_form ? "profile " : "") + std::string(profile) + "]";
  credentials out;
  bool inside = false;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    if (line.front() == '[') {
      inside = line == wanted;
      continue;
    }
    const auto equals = line.find('=');
    if (!inside || equals == std::string_view::npos) continue;
    const auto name = trimmed(line.substr(0, equals));
    const std::string value(trimmed(line.substr(equals + 1)));
    if (name == "aws_access_key_id") out.access_key_id = value;
    if (name == "aws_secret_access_key") out.secret_access_key = value;
    if (name == "aws_session_token") out.session_token = value;
  }
  if (out.access_key_id.empty() || out.secret_access_key.empty()) return std::nullopt;
  return out;
}

std::unique_ptr<credentials_provider> make_credentials_chain(environment env) {
  return std::make_unique<local_chain>(std::move(env));
}

}  // namespace mooring
