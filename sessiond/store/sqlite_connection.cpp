#include "sessiond/store/sqlite_connection.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace mooring::sessiond {
namespace {

constexpr int busy_timeout_ms = 2000;

}  // namespace

result<sqlite_connection> sqlite_connection::open(std::string what_it_is, const std::string& path) {
  // SQLite would make the file by the umask.
  const int made = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (made < 0) return error(errc::io, system_error("cannot open " + path + " for writing", errno).detail());
  ::close(made);
  sqlite3* handle = nullptr;
  const int opened = sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  sqlite_connection out(std::move(what_it_is), handle);
  if (opened != SQLITE_OK) return out.failure("cannot open " + path);
  sqlite3_busy_timeout(handle, busy_timeout_ms);
  return out;
}

sqlite_connection::sqlite_connection(std::string what_it_is, sqlite3* handle)
    : what_it_is_(std::move(what_it_is)), handle_(handle) {}

sqlite_connection::sqlite_connection(sqlite_connection&& from) noexcept
    : what_it_is_(std::move(from.what_it_is_)), handle_(std::exchange(from.handle_, nullptr)) {}

sqlite_connection& sqlite_connection::operator=(sqlite_connection&& from) noexcept {
  std::swap(what_it_is_, from.what_it_is_);
  std::swap(handle_, from.handle_);
  return *this;
}

sqlite_connection::~sqlite_connection() {
  sqlite3_close_v2(handle_);
}

result<void> sqlite_connection::execute(const char* sql, const std::string& doing) {
  if (sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) return failure(doing);
  return {};
}

int sqlite_connection::changes() const {
  return sqlite3_changes(handle_);
}

error sqlite_connection::failure(const std::string& doing) const {
  const int code = sqlite3_errcode(handle_);
  const std::string reason = sqlite3_errmsg(handle_);
  const std::string remedy = code == SQLITE_FULL ? "; free space on its disk" : "";
  return error(errc::io, what_it_is_ + ": " + doing + ": " + reason + remedy);
}

bool sqlite_connection::is_used_by_another() const {
  return sqlite3_errcode(handle_) == SQLITE_BUSY;
}

bool sqlite_connection::is_damaged() const {
  const int code = sqlite3_errcode(handle_);
  return code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
}

sqlite_statement::sqlite_statement(const sqlite_connection& on, const char* sql) {
  prepared_ = sqlite3_prepare_v2(on.handle_, sql, -1, &raw_, nullptr) == SQLITE_OK;
}

sqlite_statement::~sqlite_statement() {
  sqlite3_finalize(raw_);
}

sqlite_statement& sqlite_statement::text(int at, const std::string& value) {
  sqlite3_bind_text64(raw_, at, value.data(), value.size(), SQLITE_STATIC, SQLITE_UTF8);
  return *this;
}

sqlite_statement& sqlite_statement::blob(int at, const std::string& value) {
  sqlite3_bind_blob64(raw_, at, value.data(), value.size(), SQLITE_STATIC);
  return *this;
}

sqlite_statement& sqlite_statement::number(int at, std::int64_t value) {
  sqlite3_bind_int64(raw_, at, value);
  return *this;
}

sqlite_statement::step sqlite_statement::next() {
  const int code = prepared_ ? sqlite3_step(raw_) : SQLITE_ERROR;
  if (code == SQLITE_ROW) return step::row;
  return code == SQLITE_DONE ? step::done : step::failed;
}

std::int64_t sqlite_statement::number_at(int column) const {
  return sqlite3_column_int64(raw_, column);
}

std::string sqlite_statement::bytes_at(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(raw_, column));
  return bytes == nullptr ? "" : std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(raw_, column)));
}

}  // namespace mooring::sessiond
