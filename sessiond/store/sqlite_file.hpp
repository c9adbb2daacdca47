// The SQLite side of the embedded store: blocking calls on one open file, for one thread.
#pragma once

#include <memory>
#include <string>

#include "sessiond/store/session_store.hpp"
#include "sessiond/store/sqlite_connection.hpp"

namespace mooring::sessiond {

class sqlite_file {
 public:
  static result<std::unique_ptr<sqlite_file>> open(const std::string& path);

  result<std::optional<stored_session>> load(const std::string& key, std::int64_t now);
  result<void> save(const std::string& key, const session_write& write, std::int64_t now);
  result<void> touch(const std::string& key, session_version version, std::int64_t expires, std::int64_t now);
  result<bool> remove(const std::string& key, std::int64_t now);

 private:
  explicit sqlite_file(sqlite_connection db) : db_(std::move(db)) {}
  void sweep(std::int64_t now);

  sqlite_connection db_;
  std::int64_t swept_at_ = 0;
};

}  // namespace mooring::sessiond
