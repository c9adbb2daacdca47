#include "sessiond/store/sqlite_file.hpp"

#include <utility>

#include "sessiond/store/version_clock.hpp"

namespace mooring::sessiond {
namespace {

constexpr std::int64_t seconds_between_sweeps = 30;
constexpr int rows_per_sweep = 1000;

constexpr const char* changed_meanwhile =
    "stale: another request changed or removed the session; what is stored is unchanged";

constexpr const char* schema =
    "PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = FULL;"
    "CREATE TABLE IF NOT EXISTS sessions (session_id TEXT PRIMARY KEY, data BLOB NOT NULL, expires INTEGER NOT NULL,"
    " ver INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS sessions_expires ON sessions (expires);"
    // Takes the write lock once: a file that cannot be written is found at start, not at the first visitor.
    "BEGIN IMMEDIATE; ROLLBACK;";

}  // namespace

result<std::unique_ptr<sqlite_file>> sqlite_file::open(const std::string& path) {
  auto opened = sqlite_connection::open("embedded store", path);
  if (!opened) return opened.error();
  if (auto usable = opened->execute(schema, "cannot use " + path); !usable) return usable.error();
  return std::unique_ptr<sqlite_file>(new sqlite_file(std::move(*opened)));
}

result<std::optional<stored_session>> sqlite_file::load(const std::string& key, std::int64_t now) {
  sqlite_statement select(db_, "SELECT data, ver, expires FROM sessions WHERE session_id = ?1 AND expires > ?2");
  const auto step = select.text(1, key).number(2, now).next();
  std::optional<stored_session> out;
  if (step == sqlite_statement::step::done) return out;
  if (step != sqlite_statement::step::row) return db_.failure("read");
  out.emplace();
  out->data = select.bytes_at(0);
  out->version = select.number_at(1);
  out->expires = select.number_at(2);
  if (!is_possible_version(out->version, wall_time(seconds(now))))
    return error(errc::bad_data, "the stored ver is none that a clock can have made");
  return out;
}

result<void> sqlite_file::save(const std::string& key, const session_write& write, std::int64_t now) {
  sqlite_statement upsert(db_,
                          "INSERT INTO sessions (session_id, data, expires, ver) SELECT ?1, ?2, ?3, ?4"
                          " WHERE ?5 = 0 OR EXISTS (SELECT 1 FROM sessions WHERE session_id = ?1)"
                          " ON CONFLICT (session_id) DO UPDATE SET data = ?2, expires = ?3, ver = ?4"
                          " WHERE (?5 = 0 AND sessions.expires <= ?6) OR sessions.ver = ?5");
  upsert.text(1, key).blob(2, write.data).number(3, write.expires).number(4, write.version);
  if (upsert.number(5, write.expected).number(6, now).next() != sqlite_statement::step::done)
    return db_.failure("save");
  if (db_.changes() == 0) {
    auto stored = load(key, now);
    if (!stored) return stored.error();
    if (!*stored || (*stored)->version != write.version || (*stored)->data != write.data)
      return error(errc::stale, changed_meanwhile);
  }
  sweep(now);
  return {};
}

result<void> sqlite_file::touch(const std::string& key, session_version version, std::int64_t expires,
                                std::int64_t now) {
  sqlite_statement update(db_, "UPDATE sessions SET expires = ?2 WHERE session_id = ?1 AND ver = ?3");
  if (update.text(1, key).number(2, expires).number(3, version).next() != sqlite_statement::step::done)
    return db_.failure("touch");
  if (db_.changes() > 0) return {};
  auto stored = load(key, now);
  if (!stored) return stored.error();
  if (*stored) return {};
  return error(errc::stale, changed_meanwhile);
}

result<bool> sqlite_file::remove(const std::string& key, std::int64_t now) {
  auto live = load(key, now);
  if (!live) return live.error();
  sqlite_statement erase(db_, "DELETE FROM sessions WHERE session_id = ?1");
  if (erase.text(1, key).next() != sqlite_statement::step::done) return db_.failure("remove");
  return live->has_value();
}

// The session just saved is stored whatever becomes of the sweep, so its failure is not the caller's. One that was full
// goes on at the next save: sessions may expire faster than the pause between sweeps would allow.
void sqlite_file::sweep(std::int64_t now) {
  if (now - swept_at_ < seconds_between_sweeps) return;
  sqlite_statement erase(db_,
                         "DELETE FROM sessions WHERE session_id IN"
                         " (SELECT session_id FROM sessions WHERE expires <= ?1 LIMIT ?2)");
  erase.number(1, now).number(2, rows_per_sweep).next();
  if (db_.changes() < rows_per_sweep) swept_at_ = now;
}

}  // namespace mooring::sessiond
