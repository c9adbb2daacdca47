#include "sessiond/journal/journal_file.hpp"

#include <unistd.h>

#include <charconv>
#include <utility>

namespace mooring::sessiond {
namespace {

using step = sqlite_statement::step;

constexpr std::int64_t application_id = 0x4d6f4a31;  // "MoJ1"
constexpr std::int64_t format_version = 1;

// The lock is taken with the first access and kept; without other readers SQLite needs no -shm file.
constexpr const char* settings =
    "PRAGMA locking_mode = EXCLUSIVE;"
    "PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = FULL;"
    "PRAGMA journal_size_limit = 4194304;"
    "BEGIN EXCLUSIVE; COMMIT;";

constexpr const char* schema =
    "BEGIN EXCLUSIVE;"
    "PRAGMA application_id = 0x4d6f4a31;"
    "PRAGMA user_version = 1;"
    "CREATE TABLE journal (dynamodb_table TEXT NOT NULL);"
    "CREATE TABLE commits (session_id TEXT PRIMARY KEY, sequence INTEGER NOT NULL, ver INTEGER NOT NULL,"
    " base INTEGER NOT NULL, region TEXT NOT NULL, sent TEXT NOT NULL, expires INTEGER NOT NULL, touched INTEGER NOT "
    "NULL,"
    " data BLOB NOT NULL);"
    "COMMIT;";

error unusable(const std::string& path, const std::string& why) {
  return error(errc::misconfigured, path + " " + why);
}

// What a failed call on `path` means to the one who starts sessiond.
error start_error(const sqlite_connection& db, const std::string& path) {
  if (db.is_damaged())
    return unusable(
        path, "is damaged: restore it, or move it away and give up the commits in it that DynamoDB does not have");
  const error failure = db.failure("cannot use " + path);
  if (db.is_used_by_another()) return error(errc::busy, path + " is in use by another process; stop it first");
  return failure;
}

result<std::int64_t> number_of(const sqlite_connection& db, const std::string& path, const char* sql) {
  sqlite_statement select(db, sql);
  if (select.next() != step::row) return start_error(db, path);
  return select.number_at(0);
}

result<std::string> text_of(const sqlite_connection& db, const std::string& path, const char* sql) {
  sqlite_statement select(db, sql);
  if (select.next() != step::row) return start_error(db, path);
  return select.bytes_at(0);
}

// Refuses files of other programs and of later versions. True: the file is new and empty.
result<bool> check_format(const sqlite_connection& db, const std::string& path) {
  const auto whole = text_of(db, path, "PRAGMA quick_check(1)");
  if (!whole) return whole.error();
  if (*whole != "ok")
    return unusable(path,
                    "is damaged (" + *whole +
                        "): restore it, or move it away and give up the commits in it that DynamoDB does not have");
  const auto owner = number_of(db, path, "PRAGMA application_id");
  const auto version = number_of(db, path, "PRAGMA user_version");
  const auto tables = number_of(db, path, "SELECT count(*) FROM sqlite_master");
  for (const auto* value : {&owner, &version, &tables})
    if (!*value) return value->error();
  if (*tables == 0) return true;
  if (*owner != application_id) return unusable(path, "is another program's file; name a file of its own");
  if (*version != format_version)
    return unusable(path, "was written by another version of Mooring; let that one flush it, or upgrade this node");
  return false;
}

std::string text_of(const std::vector<session_version>& versions) {
  std::string out;
  for (const auto version : versions)
    out += (out.empty() ? "" : ",") + std::to_string(version);
  return out;
}

std::vector<session_version> versions_in(const std::string& text) {
  std::vector<session_version> out;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at < end) {
    session_version version = no_version;
    const auto [stop, ec] = std::from_chars(at, end, version);
    if (ec != std::errc()) break;
    out.push_back(version);
    at = stop + 1;
  }
  return out;
}

}  // namespace

journal_file::journal_file(std::string path, std::string table, sqlite_connection db)
    : path_(std::move(path)), table_(std::move(table)), db_(std::move(db)) {}

result<sqlite_connection> journal_file::connect(const std::string& path, const std::string& table) {
  auto db = sqlite_connection::open("journal", path);
  if (!db) return db;
  if (!db->execute(settings, "open")) return start_error(*db, path);
  const auto is_new = check_format(*db, path);
  if (!is_new) return is_new.error();
  if (*is_new && !db->execute(schema, "make tables")) return start_error(*db, path);
  const auto pending = number_of(*db, path, "SELECT count(*) FROM commits");
  if (!pending) return pending.error();
  const auto flushed_to = text_of(*db, path, "SELECT coalesce(max(dynamodb_table), '') FROM journal");
  if (!flushed_to) return flushed_to.error();
  if (*flushed_to == table) return db;
  if (*pending > 0)
    return unusable(path, "holds " + std::to_string(*pending) + " commits for the table " + *flushed_to +
                              ", and dynamodb.table is " + table +
                              "; start with that table to flush them, or move the" + " file away");
  if (!db->execute("DELETE FROM journal", "note the table")) return start_error(*db, path);
  sqlite_statement note(*db, "INSERT INTO journal (dynamodb_table) VALUES (?1)");
  if (note.text(1, table).next() != step::done) return start_error(*db, path);
  return db;
}

result<std::unique_ptr<journal_file>> journal_file::open(const std::string& path, const std::string& table) {
  auto db = connect(path, table);
  if (!db) return db.error();
  return std::unique_ptr<journal_file>(new journal_file(path, table, std::move(*db)));
}

result<std::vector<journal_row>> journal_file::rows() {
  std::vector<journal_row> out;
  sqlite_statement select(*db_,
                          "SELECT session_id, sequence, ver, base, sent, expires, touched, data, region FROM commits"
                          " ORDER BY sequence");
  for (auto found = select.next(); found != step::done; found = select.next()) {
    if (found == step::failed) return start_error(*db_, path_);
    journal_row row;
    row.key = select.bytes_at(0);
    row.sequence = select.number_at(1);
    row.version = select.number_at(2);
    row.base = select.number_at(3);
    row.sent = versions_in(select.bytes_at(4));
    row.expires = select.number_at(5);
    row.touched = select.number_at(6) != 0;
    row.data = select.bytes_at(7);
    row.region = select.bytes_at(8);
    out.push_back(std::move(row));
  }
  return out;
}

result<void> journal_file::apply(const std::vector<journal_change>& changes, bool durable) {
  if (!db_) {
    auto again = connect(path_, table_);
    if (!again) return again.error();
    db_ = std::move(*again);
  }
  result<void> done = db_->execute(durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL", "prepare");
  if (done) done = db_->execute("BEGIN IMMEDIATE", "begin");
  if (done) done = apply_each(changes);
  if (done) done = db_->execute("COMMIT", "commit");
  if (!done) db_.reset();
  return done;
}

result<void> journal_file::apply_each(const std::vector<journal_change>& changes) {
  for (const journal_change& change : changes) {
    if (change.row) {
      if (auto kept = upsert(*change.row); !kept) return kept;
      continue;
    }
    sqlite_statement erase(*db_, "DELETE FROM commits WHERE session_id = ?1");
    if (erase.text(1, change.key).next() != step::done) return db_->failure("remove a commit");
  }
  return {};
}

result<void> journal_file::upsert(const journal_row& row) {
  const std::string sent = text_of(row.sent);
  sqlite_statement put(*db_,
                       "INSERT OR REPLACE INTO commits (session_id, sequence, ver, base, sent, expires, touched, data,"
                       " region) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
  put.text(1, row.key).number(2, row.sequence).number(3, row.version).number(4, row.base).text(5, sent);
  put.number(6, row.expires).number(7, row.touched ? 1 : 0).blob(8, row.data).text(9, row.region);
  if (put.next() != step::done) return db_->failure("keep a commit");
  return {};
}

result<std::int64_t> commits_left_in(const std::string& path) {
  if (::access(path.c_str(), F_OK) != 0) return std::int64_t{0};
  auto db = sqlite_connection::open("journal", path);
  if (!db) return db.error();
  sqlite_statement tables(*db, "SELECT count(*) FROM sqlite_master WHERE name = 'commits'");
  const auto found = tables.next();
  if (found == step::failed && db->is_used_by_another()) return std::int64_t{0};
  if (found == step::failed) return start_error(*db, path);
  if (tables.number_at(0) == 0) return std::int64_t{0};
  return number_of(*db, path, "SELECT count(*) FROM commits");
}

}  // namespace mooring::sessiond
