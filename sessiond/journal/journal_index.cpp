#include "sessiond/journal/journal_index.hpp"

#include <algorithm>
#include <utility>

namespace mooring::sessiond {

void journal_index::recover(journal_row row, steady_time now) {
  const std::string key = row.key;
  last_sequence_ = std::max(last_sequence_, row.sequence);
  bytes_ += row.bytes();
  put(std::move(row), now);
  entry& added = rows_.at(key);
  added.was_sent = true;
  added.is_recovered = true;
}

const journal_row* journal_index::find(const std::string& key) const {
  const auto found = rows_.find(key);
  return found == rows_.end() ? nullptr : &found->second.row;
}

bool journal_index::was_sent(const std::string& key) const {
  const auto found = rows_.find(key);
  return found != rows_.end() && found->second.was_sent;
}

bool journal_index::is_recovered(const std::string& key) const {
  const auto found = rows_.find(key);
  return found != rows_.end() && found->second.is_recovered;
}

bool journal_index::creates(const std::string& key) const {
  const auto found = rows_.find(key);
  return found != rows_.end() && found->second.creates;
}

bool journal_index::admit(journal_row& row) {
  const journal_row* replaced = find(row.key);
  const std::size_t after = bytes_ + row.bytes() - (replaced == nullptr ? 0 : replaced->bytes());
  if (after > max_bytes_) return false;
  bytes_ += row.bytes();
  if (row.sequence == 0) row.sequence = ++last_sequence_;
  return true;
}

void journal_index::put(journal_row row, steady_time now) {
  const std::string key = row.key;
  const auto [at, is_new] = rows_.try_emplace(key);
  entry& changed = at->second;
  if (is_new) {
    changed.since = now;
    by_age_.emplace(row.sequence, key);
  } else {
    withdraw(key);
    bytes_ -= changed.row.bytes();
    if (changed.row.version != row.version) changed.was_sent = changed.is_recovered = false;
  }
  changed.row = std::move(row);
  changed.creates = changed.row.base == no_version;
  offer(key);
}

void journal_index::erase(const std::string& key) {
  const auto found = rows_.find(key);
  if (found == rows_.end()) return;
  withdraw(key);
  bytes_ -= found->second.row.bytes();
  by_age_.erase(found->second.row.sequence);
  rows_.erase(found);
}

void journal_index::rebase(const std::string& key, session_version stored, const std::string& region) {
  const auto found = rows_.find(key);
  if (found == rows_.end()) return;
  found->second.row.base = stored;
  found->second.row.region = region;
  found->second.is_recovered = false;
}

void journal_index::mark_sent(const std::string& key) {
  const auto found = rows_.find(key);
  if (found != rows_.end()) found->second.was_sent = true;
}

void journal_index::note_sent(const std::string& key, session_version version) {
  const auto found = rows_.find(key);
  if (found == rows_.end()) return;
  auto& sent = found->second.row.sent;
  sent.push_back(version);
  if (sent.size() > max_sent_versions) sent.erase(sent.begin());
}

std::optional<std::string> journal_index::next(steady_time now) {
  while (!paused_.empty() && paused_.begin()->first.first <= now) {
    const std::string key = paused_.begin()->second;
    paused_.erase(paused_.begin());
    entry& again = rows_.at(key);
    again.paused_until = steady_time();
    ready_.emplace(again.turn(), key);
  }
  if (ready_.empty()) return std::nullopt;
  return ready_.begin()->second;
}

void journal_index::begin_flush(const std::string& key) {
  close(key);
  mark_sent(key);
}

void journal_index::put_back(const std::string& key) {
  const auto found = rows_.find(key);
  if (found == rows_.end()) return;
  withdraw(key);
  ++found->second.failures;
  offer(key);
}

void journal_index::pause(const std::string& key, steady_time until) {
  const auto found = rows_.find(key);
  if (found == rows_.end()) return;
  withdraw(key);
  found->second.paused_until = until;
  offer(key);
}

void journal_index::end_pauses() {
  for (auto& [key, paused] : rows_)
    paused.paused_until = steady_time();
  for (const auto& [when, key] : paused_)
    ready_.emplace(rows_.at(key).turn(), key);
  paused_.clear();
}

std::optional<steady_time> journal_index::next_pause_end() const {
  if (paused_.empty()) return std::nullopt;
  return paused_.begin()->first.first;
}

void journal_index::close(const std::string& key) {
  withdraw(key);
  ++closed_[key];
}

void journal_index::reopen(const std::string& key) {
  const auto found = closed_.find(key);
  if (--found->second > 0) return;
  closed_.erase(found);
  offer(key);
}

std::optional<steady_time> journal_index::oldest() const {
  if (by_age_.empty()) return std::nullopt;
  return rows_.at(by_age_.begin()->second).since;
}

void journal_index::offer(const std::string& key) {
  const auto found = rows_.find(key);
  if (found == rows_.end() || closed_.count(key) != 0) return;
  const entry& offered = found->second;
  if (offered.paused_until == steady_time())
    ready_.emplace(offered.turn(), key);
  else
    paused_.emplace(std::pair(offered.paused_until, offered.row.sequence), key);
}

void journal_index::withdraw(const std::string& key) {
  const auto found = rows_.find(key);
  if (found == rows_.end()) return;
  ready_.erase(found->second.turn());
  paused_.erase(std::pair(found->second.paused_until, found->second.row.sequence));
}

}  // namespace mooring::sessiond
