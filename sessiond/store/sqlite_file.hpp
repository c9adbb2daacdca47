// The SQLite side of the embedded store: blocking calls on one open file, for one thread.
#pragma once

#include <memory>
#include <string>

#include "sessiond/store/session_store.hpp"

struct sqlite3;

namespace mooring::sessiond {

class sqlite_file {
 public:
  static result<std::unique_ptr<sqlite_file>> open(const std::string& path);
  ~sqlite_file();
  sqlite_file(const sqlite_file&) = delete;
  sqlite_file& operator=(const sqlite_file&) = delete;

  result<std::optional<stored_session>> load(const std::string& key, std::int64_t now);
  result<void> save(const std::string& key, const session_write& write, std::int64_t now);
  result<void> touch(const std::string& key, session_version version, std::int64_t expires, std::int64_t now);
  result<bool> remove(const std::string& key, std::int64_t now);

 private:
  explicit sqlite_file(sqlite3* handle) : handle_(handle) {}
  void sweep(std::int64_t now);

  sqlite3* handle_;
  std::int64_t swept_at_ = 0;
};

}  // namespace mooring::sessiond
