// One session's newest acknowledged state that the table may not have yet, as it is in the journal's file. Pure.
//
// Later commits of a session take the place of earlier ones, so there is one row for a session, and its base stays what
// the table had before the first of them. An earlier one may have reached the table without an answer, though: then the
// table is at one of `sent`, and the row follows that.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sessiond/store/session_store.hpp"

namespace mooring::sessiond {

// Versions that may have reached the table. An older one is on no wire any more: each try ends after seconds.
constexpr std::size_t max_sent_versions = 16;

struct journal_row {
  std::string key;
  std::string data;
  session_version version = no_version;
  session_version base = no_version;  // what the table is known to have had; no_version: nothing
  std::string region;                 // where, when there is more than one
  std::vector<session_version> sent;  // what it may have instead, oldest first
  std::int64_t expires = 0;
  bool touched = false;       // the expiry was moved after the data may have reached the table
  std::int64_t sequence = 0;  // by age of the session's first commit that the table does not have

  // What a row counts against sessions.journal_max_bytes: its bytes, and what SQLite and memory add to them.
  static constexpr std::size_t overhead_bytes = 512;
  std::size_t bytes() const { return key.size() + data.size() + overhead_bytes; }

  bool operator==(const journal_row&) const = default;
};

// The row that takes the place of `pending` (null: there is none) when `write` is acknowledged. The first one's region
// is write.read_in. `pending_was_sent`: it may have reached the table.
journal_row row_after(const journal_row* pending, bool pending_was_sent, const std::string& key,
                      const session_write& write);

// The same for a touch of the pending version.
journal_row row_after(const journal_row& pending, const session_touch& touch);

// What the table has, seen from a row.
enum class table_state {
  behind,   // a version that the row follows
  lagging,  // an older one, in another region than the base's: the base has not been replicated yet
  reached,  // the row's version, or one of this node's that follows it
  foreign,  // somebody else's: this node was overtaken
};
table_state judge(const journal_row& row, session_version stored, const std::string& region);

// The versions that the row may follow, the likeliest first.
std::vector<session_version> bases_of(const journal_row& row);

}  // namespace mooring::sessiond
