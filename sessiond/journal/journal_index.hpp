// What is pending: acknowledged, on disk, and not known to be in the table. And which row is to be flushed next. Pure.
//
// Rows are flushed by the age of their session's first pending commit, so that a busy session is not put off for ever;
// one that failed comes after those that failed less often, or pauses. A session that is closed is not flushed: a flush
// of it is under way, or somebody is about to change its row and must know whether the present one may have reached the
// table. Everything pending is also in memory, so `max_bytes` bounds both.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_map>

#include "mooring/base/clock.hpp"
#include "sessiond/journal/journal_row.hpp"

namespace mooring::sessiond {

class journal_index {
 public:
  explicit journal_index(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  // A row of an earlier process: it may have reached the table.
  void recover(journal_row row, steady_time now);

  // Null when nothing of the session is pending.
  const journal_row* find(const std::string& key) const;
  bool was_sent(const std::string& key) const;      // the row may have reached the table
  bool is_recovered(const std::string& key) const;  // an earlier process left it, and the table was not asked yet

  // The row on disk would create its session, should it come back after a removal from the table.
  bool creates(const std::string& key) const;

  // The row on its way to disk counts from here on, unless it does not fit. Each row that does is put or dropped.
  bool admit(journal_row& row);
  void drop(const journal_row& row) { bytes_ -= row.bytes(); }
  // The admitted row is on disk.
  void put(journal_row row, steady_time now);
  void erase(const std::string& key);

  // The table of `region` has this version, which the row follows.
  void rebase(const std::string& key, session_version stored, const std::string& region);
  // The row itself may have reached the table; or another version of ours, whose commit was not acknowledged.
  void mark_sent(const std::string& key);
  void note_sent(const std::string& key, session_version version);

  // The oldest row that may be flushed. begin_flush() closes it.
  std::optional<std::string> next(steady_time now);
  void begin_flush(const std::string& key);
  // A flush has failed: the others come first. Or: not before `until`.
  void put_back(const std::string& key);
  void pause(const std::string& key, steady_time until);
  void end_pauses();
  std::optional<steady_time> next_pause_end() const;

  void close(const std::string& key);
  void reopen(const std::string& key);

  std::size_t size() const { return rows_.size(); }
  std::size_t bytes() const { return bytes_; }
  std::optional<steady_time> oldest() const;

 private:
  using place = std::pair<int, std::int64_t>;  // failed flushes, age
  struct entry {
    journal_row row;
    steady_time since;
    steady_time paused_until;
    int failures = 0;
    bool was_sent = false;
    bool is_recovered = false;
    bool creates = false;

    place turn() const { return place(failures, row.sequence); }
  };
  void offer(const std::string& key);
  void withdraw(const std::string& key);

  std::size_t max_bytes_;
  std::size_t bytes_ = 0;
  std::int64_t last_sequence_ = 0;
  std::unordered_map<std::string, entry> rows_;
  std::unordered_map<std::string, int> closed_;
  std::map<std::int64_t, std::string> by_age_;                          // all rows
  std::map<place, std::string> ready_;                                  // neither closed nor paused
  std::map<std::pair<steady_time, std::int64_t>, std::string> paused_;  // neither closed nor ready
};

}  // namespace mooring::sessiond
