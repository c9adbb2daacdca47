// One open SQLite file and statements on it: blocking calls, for one thread.
//
// Whoever opens a file says what it is to people; every error begins with that. Files are made readable for this user
// only: carts and log-ins are nobody else's business.
#pragma once

#include <cstdint>
#include <string>

#include "mooring/base/error.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace mooring::sessiond {

class sqlite_connection {
 public:
  // errc::io when the file cannot be opened or made.
  static result<sqlite_connection> open(std::string what_it_is, const std::string& path);
  sqlite_connection(sqlite_connection&& from) noexcept;
  sqlite_connection& operator=(sqlite_connection&& from) noexcept;
  ~sqlite_connection();

  // Any number of statements that give no rows. `doing` is for the error: "embedded store: save: disk is full".
  result<void> execute(const char* sql, const std::string& doing);

  // Rows that the last statement changed.
  int changes() const;

  // The errc::io of the last call, which failed, and what kind of failure it was.
  error failure(const std::string& doing) const;
  bool is_used_by_another() const;
  bool is_damaged() const;  // or no SQLite file

 private:
  friend class sqlite_statement;
  sqlite_connection(std::string what_it_is, sqlite3* handle);

  std::string what_it_is_;
  sqlite3* handle_;
};

// One prepared statement, bound by position and finalised at the end of the scope. What is bound must outlive it.
class sqlite_statement {
 public:
  sqlite_statement(const sqlite_connection& on, const char* sql);
  ~sqlite_statement();
  sqlite_statement(const sqlite_statement&) = delete;
  sqlite_statement& operator=(const sqlite_statement&) = delete;

  sqlite_statement& text(int at, const std::string& value);
  sqlite_statement& blob(int at, const std::string& value);
  sqlite_statement& number(int at, std::int64_t value);

  enum class step { row, done, failed };
  step next();
  std::int64_t number_at(int column) const;
  std::string bytes_at(int column) const;

 private:
  sqlite3_stmt* raw_ = nullptr;
  bool prepared_ = false;
};

}  // namespace mooring::sessiond
