#include "sessiond/store/sqlite_file.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace mooring::sessiond {
namespace {

constexpr int busy_timeout_ms = 2000;
constexpr std::int64_t seconds_between_sweeps = 30;
constexpr int rows_per_sweep = 1000;

constexpr const char* stale_text = "stale: another request changed or removed the session; what is stored is unchanged";

constexpr const char* schema =
    "PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = FULL;"
    "CREATE TABLE IF NOT EXISTS sessions (session_id TEXT PRIMARY KEY, data BLOB NOT NULL, expires INTEGER NOT NULL,"
    " ver INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS sessions_expires ON sessions (expires);"
    // Takes the write lock once: a file that cannot be written is found at start, not at the first visitor.
    "BEGIN IMMEDIATE; ROLLBACK;";

error sqlite_error(sqlite3* handle, const std::string& what) {
  const int code = sqlite3_errcode(handle);
  const std::string reason = sqlite3_errmsg(handle);
  const std::string remedy = code == SQLITE_FULL ? "; free space on its disk" : "";
  return error(errc::io, "embedded store: " + what + ": " + reason + remedy);
}

// One prepared statement, bound by position and finalised at the end of the scope.
class statement {
 public:
  statement(sqlite3* handle, const char* sql) {
    prepared_ = sqlite3_prepare_v2(handle, sql, -1, &raw_, nullptr) == SQLITE_OK;
  }
  ~statement() { sqlite3_finalize(raw_); }
  statement(const statement&) = delete;
  statement& operator=(const statement&) = delete;

  statement& text(int at, const std::string& value) {
    sqlite3_bind_text64(raw_, at, value.data(), value.size(), SQLITE_STATIC, SQLITE_UTF8);
    return *this;
  }
  statement& blob(int at, const std::string& value) {
    sqlite3_bind_blob64(raw_, at, value.data(), value.size(), SQLITE_STATIC);
    return *this;
  }
  statement& number(int at, std::int64_t value) {
    sqlite3_bind_int64(raw_, at, value);
    return *this;
  }
  int step() { return prepared_ ? sqlite3_step(raw_) : SQLITE_ERROR; }
  std::int64_t number_at(int column) const { return sqlite3_column_int64(raw_, column); }
  std::string blob_at(int column) const {
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(raw_, column));
    return bytes == nullptr ? "" : std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(raw_, column)));
  }

 private:
  sqlite3_stmt* raw_ = nullptr;
  bool prepared_ = false;
};

}  // namespace

result<std::unique_ptr<sqlite_file>> sqlite_file::open(const std::string& path) {
  // SQLite would make the file by the umask; carts and log-ins are nobody else's business.
  const int made = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (made < 0) return error(errc::io, system_error("cannot open " + path + " for writing", errno).detail());
  ::close(made);
  sqlite3* handle = nullptr;
  const int opened = sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  std::unique_ptr<sqlite_file> file(new sqlite_file(handle));
  if (opened != SQLITE_OK) return sqlite_error(handle, "cannot open " + path);
  sqlite3_busy_timeout(handle, busy_timeout_ms);
  if (sqlite3_exec(handle, schema, nullptr, nullptr, nullptr) != SQLITE_OK)
    return sqlite_error(handle, "cannot use " + path);
  return file;
}

sqlite_file::~sqlite_file() {
  sqlite3_close_v2(handle_);
}

result<std::optional<stored_session>> sqlite_file::load(const std::string& key, std::int64_t now) {
  statement select(handle_, "SELECT data, ver, expires FROM sessions WHERE session_id = ?1 AND expires > ?2");
  const int step = select.text(1, key).number(2, now).step();
  std::optional<stored_session> out;
  if (step == SQLITE_DONE) return out;
  if (step != SQLITE_ROW) return sqlite_error(handle_, "read");
  out.emplace();
  out->data = select.blob_at(0);
  out->version = select.number_at(1);
  out->expires = select.number_at(2);
  return out;
}

result<void> sqlite_file::save(const std::string& key, const session_write& write, std::int64_t now) {
  statement upsert(handle_,
                   "INSERT INTO sessions (session_id, data, expires, ver) SELECT ?1, ?2, ?3, ?4"
                   " WHERE ?5 = 0 OR EXISTS (SELECT 1 FROM sessions WHERE session_id = ?1)"
                   " ON CONFLICT (session_id) DO UPDATE SET data = ?2, expires = ?3, ver = ?4"
                   " WHERE (?5 = 0 AND sessions.expires <= ?6) OR sessions.ver = ?5");
  upsert.text(1, key).blob(2, write.data).number(3, write.expires).number(4, write.version);
  if (upsert.number(5, write.expected).number(6, now).step() != SQLITE_DONE) return sqlite_error(handle_, "save");
  if (sqlite3_changes(handle_) == 0) {
    auto stored = load(key, now);
    if (!stored) return stored.error();
    if (!*stored || (*stored)->data != write.data) return error(errc::stale, stale_text);
  }
  sweep(now);
  return {};
}

result<void> sqlite_file::touch(const std::string& key, session_version version, std::int64_t expires,
                                std::int64_t now) {
  statement update(handle_, "UPDATE sessions SET expires = ?2 WHERE session_id = ?1 AND ver = ?3");
  if (update.text(1, key).number(2, expires).number(3, version).step() != SQLITE_DONE)
    return sqlite_error(handle_, "touch");
  if (sqlite3_changes(handle_) > 0) return {};
  auto stored = load(key, now);
  if (!stored) return stored.error();
  if (*stored) return {};
  return error(errc::stale, stale_text);
}

result<bool> sqlite_file::remove(const std::string& key, std::int64_t now) {
  auto live = load(key, now);
  if (!live) return live.error();
  statement erase(handle_, "DELETE FROM sessions WHERE session_id = ?1");
  if (erase.text(1, key).step() != SQLITE_DONE) return sqlite_error(handle_, "remove");
  return live->has_value();
}

// The session just saved is stored whatever becomes of the sweep, so its failure is not the caller's. One that was full
// goes on at the next save: sessions may expire faster than the pause between sweeps would allow.
void sqlite_file::sweep(std::int64_t now) {
  if (now - swept_at_ < seconds_between_sweeps) return;
  statement erase(handle_,
                  "DELETE FROM sessions WHERE session_id IN"
                  " (SELECT session_id FROM sessions WHERE expires <= ?1 LIMIT ?2)");
  erase.number(1, now).number(2, rows_per_sweep).step();
  if (sqlite3_changes(handle_) < rows_per_sweep) swept_at_ = now;
}

}  // namespace mooring::sessiond
