#include "mooring/base/small_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace mooring {
namespace {

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

result<void> write_durably(const std::string& path, std::string_view content, ::mode_t mode) {
  const descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode));
  if (file.get() < 0) return system_error("cannot write " + path, errno);
  // The umask may have taken the readers' right.
  if (::fchmod(file.get(), mode) != 0) return system_error("cannot chmod " + path, errno);
  while (!content.empty()) {
    const ::ssize_t n = ::write(file.get(), content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_error("cannot write " + path, errno);
    content.remove_prefix(static_cast<std::size_t>(n));
  }
  if (::fsync(file.get()) != 0) return system_error("cannot fsync " + path, errno);
  return {};
}

result<void> sync_folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.get() < 0 || ::fsync(opened.get()) != 0) return system_error("cannot fsync " + folder, errno);
  return {};
}

}  // namespace

result<void> replace_small_file(const std::string& path, std::string_view content, ::mode_t mode) {
  const std::string temporary = path + "." + std::to_string(::getpid()) + ".tmp";
  auto written = write_durably(temporary, content, mode);
  if (written && ::rename(temporary.c_str(), path.c_str()) != 0)
    written = system_error("cannot rename " + temporary + " to " + path, errno);
  if (!written) {
    ::unlink(temporary.c_str());
    return error(errc::io, written.error().detail() + "; its folder must exist and be writable for this user");
  }
  return sync_folder_of(path);
}

result<std::optional<std::string>> read_small_file(const std::string& path, std::size_t limit) {
  // O_NONBLOCK: a FIFO in the file's place must not hold up the caller.
  const descriptor file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (file.get() < 0 && errno == ENOENT) return std::optional<std::string>();
  if (file.get() < 0) return system_error("cannot read " + path, errno);
  std::string out;
  char chunk[4096];
  for (;;) {
    const ::ssize_t n = ::read(file.get(), chunk, sizeof chunk);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_error("cannot read " + path, errno);
    if (n == 0) return std::optional<std::string>(std::move(out));
    out.append(chunk, static_cast<std::size_t>(n));
    if (out.size() > limit) return error(errc::too_large, path + " is larger than " + std::to_string(limit) + " bytes");
  }
}

}  // namespace mooring
