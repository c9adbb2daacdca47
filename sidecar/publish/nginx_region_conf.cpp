#include "nginx_region_conf.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>

namespace mooring::sidecar {
namespace {

constexpr ::mode_t readable_for_everybody = 0644;

bool is_region_name(std::string_view name) {
  return !name.empty() && name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

std::string conf_for(const std::string& region) {
  return "# Written by mooring-sidecar; changes are overwritten.\nfastcgi_param DYNAMODB_REGION " + region +
         ";\nfastcgi_param AWS_REGION " + region + ";\n";
}

bool holds(const std::string& path, const std::string& wanted) {
  std::ifstream file(path, std::ios::binary);
  const std::string found{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  return file.is_open() && found == wanted;
}

class descriptor {
 public:
  explicit descriptor(int fd) : fd_(fd) {}
  ~descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

result<void> write_durably(const std::string& path, const std::string& content) {
  const descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, readable_for_everybody));
  if (file.get() < 0) return system_error("cannot write " + path, errno);
  // The umask may have taken nginx's right to read.
  if (::fchmod(file.get(), readable_for_everybody) != 0) return system_error("cannot chmod " + path, errno);
  std::size_t done = 0;
  while (done < content.size()) {
    const ::ssize_t n = ::write(file.get(), content.data() + done, content.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_error("cannot write " + path, errno);
    done += static_cast<std::size_t>(n);
  }
  if (::fsync(file.get()) != 0) return system_error("cannot fsync " + path, errno);
  return {};
}

void sync_folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.get() >= 0) ::fsync(opened.get());
}

}  // namespace

result<bool> write_nginx_region_conf(const std::string& path, const std::string& region) {
  if (!is_region_name(region))
    return error(errc::misconfigured,
                 "region.primary is \"" + region + "\", which nginx cannot take; write a name such as us-east-1");
  const std::string content = conf_for(region);
  if (holds(path, content)) return false;
  const std::string temporary = path + "." + std::to_string(::getpid()) + ".tmp";
  auto written = write_durably(temporary, content);
  if (written && ::rename(temporary.c_str(), path.c_str()) != 0)
    written = system_error("cannot rename " + temporary + " to " + path, errno);
  if (!written) {
    ::unlink(temporary.c_str());
    return error(errc::io, written.error().detail() + "; its folder must exist and be writable for this user");
  }
  sync_folder_of(path);
  return true;
}

}  // namespace mooring::sidecar
