/* A disk that hangs: loaded into a process by LD_PRELOAD, it makes the calls that change files under a folder, and
 * those that execute one, wait for as long as a flag file exists. HANGING_DISK_FOLDER and HANGING_DISK_FLAG name the
 * two; hanging_disk.py sets them.
 *
 * As with a frozen volume, what is read is still in memory, and a thread that waits cannot be called off. The first
 * call that waits makes "<flag>.reached", so that a test can wait for that and not for a time. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static const struct timespec between_looks = {0, 5 * 1000 * 1000};

static int is_under(const char* path) {
  const char* folder = getenv("HANGING_DISK_FOLDER");
  if (folder == NULL) return 0;
  const size_t length = strlen(folder);
  return strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

static void wait_for_disk(const char* path) {
  const char* flag = getenv("HANGING_DISK_FLAG");
  const int before = errno;
  if (flag == NULL || !is_under(path)) return;
  char reached[PATH_MAX];
  snprintf(reached, sizeof reached, "%s.reached", flag);
  for (int looks = 0; access(flag, F_OK) == 0; ++looks) {
    if (looks == 0) close((int)syscall(SYS_openat, AT_FDCWD, reached, O_CREAT | O_WRONLY | O_CLOEXEC, 0666));
    nanosleep(&between_looks, NULL);
  }
  errno = before;
}

static void wait_for_file(int fd) {
  char link[64];
  char path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t size = readlink(link, path, sizeof path - 1);
  if (size <= 0) return;
  path[size] = '\0';
  wait_for_disk(path);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int fsync(int fd) {
  wait_for_file(fd);
  return REAL(fsync)(fd);
}

int fdatasync(int fd) {
  wait_for_file(fd);
  return REAL(fdatasync)(fd);
}

ssize_t write(int fd, const void* bytes, size_t size) {
  wait_for_file(fd);
  return REAL(write)(fd, bytes, size);
}

ssize_t writev(int fd, const struct iovec* parts, int count) {
  wait_for_file(fd);
  return REAL(writev)(fd, parts, count);
}

ssize_t pwrite(int fd, const void* bytes, size_t size, off_t at) {
  wait_for_file(fd);
  return REAL(pwrite)(fd, bytes, size, at);
}

ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t at) {
  wait_for_file(fd);
  return REAL(pwrite64)(fd, bytes, size, at);
}

int ftruncate(int fd, off_t size) {
  wait_for_file(fd);
  return REAL(ftruncate)(fd, size);
}

int ftruncate64(int fd, off64_t size) {
  wait_for_file(fd);
  return REAL(ftruncate64)(fd, size);
}

int rename(const char* from, const char* to) {
  wait_for_disk(to);
  return REAL(rename)(from, to);
}

int unlink(const char* path) {
  wait_for_disk(path);
  return REAL(unlink)(path);
}

/* What is executed is read from the disk, and its parent sleeps meanwhile. */
int posix_spawnp(pid_t* pid, const char* path, const posix_spawn_file_actions_t* files,
                 const posix_spawnattr_t* attributes, char* const argv[], char* const envp[]) {
  wait_for_disk(path);
  return REAL(posix_spawnp)(pid, path, files, attributes, argv, envp);
}

#define OPEN(name)                                               \
  int name(const char* path, int flags, ...) {                   \
    va_list rest;                                                \
    va_start(rest, flags);                                       \
    const mode_t mode = va_arg(rest, mode_t);                    \
    va_end(rest);                                                \
    if ((flags & (O_CREAT | O_TRUNC)) != 0) wait_for_disk(path); \
    return REAL(name)(path, flags, mode);                        \
  }

OPEN(open)
OPEN(open64)
