// The journal's SQLite file: blocking calls, for one thread. docs/formats.md shows its tables.
//
// What apply() has said to be done survives kill -9, and power loss too when it was told `durable`: WAL, and an fsync
// for each such transaction. The file is locked for as long as it is open, so a second sessiond is refused at start. It
// holds commits for one table only. After a failure nothing of the transaction counts, and the file is opened anew
// before the next.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sessiond/journal/journal_row.hpp"
#include "sessiond/store/sqlite_connection.hpp"

namespace mooring::sessiond {

struct journal_change {
  std::string key;
  std::optional<journal_row> row;  // nothing: the session's row goes
};

class journal_file {
 public:
  // Makes the file when it is absent. errc::misconfigured, with the remedy, when it is damaged, another program's, or
  // holds commits for another table than `table`; errc::busy when another process has it; otherwise errc::io.
  static result<std::unique_ptr<journal_file>> open(const std::string& path, const std::string& table);

  // All rows, oldest first.
  result<std::vector<journal_row>> rows();

  result<void> apply(const std::vector<journal_change>& changes, bool durable);

 private:
  journal_file(std::string path, std::string table, sqlite_connection db);
  static result<sqlite_connection> connect(const std::string& path, const std::string& table);
  result<void> apply_each(const std::vector<journal_change>& changes);
  result<void> upsert(const journal_row& row);

  std::string path_;
  std::string table_;
  std::optional<sqlite_connection> db_;
};

// How many commits a journal holds that nobody flushes, because durability is not "journal" any more. An absent file
// holds none; one that a running sessiond has is that one's business.
result<std::int64_t> commits_left_in(const std::string& path);

}  // namespace mooring::sessiond
