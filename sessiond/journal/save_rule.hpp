// Whether the journal may answer for a commit, or the table has to. Pure.
//
//   what this node knows                                      who answers
//   a commit is pending, and the save does not follow it      nobody: it is stale
//   the lease is surely ours, the save follows what is stored the journal
//   a commit is pending, the table is cut off                 the journal: this node has the only newest state
//   a commit is pending, the lease may be over                the table; when it cannot be reached, the journal
//   the session is new, so it can have no lease               the table; when it cannot be reached, the journal
//   the session is the table's, without a sure lease          the table
//   the data may be too large: that depends on how it packs   the table
#pragma once

#include "sessiond/journal/journal_row.hpp"

namespace mooring::sessiond {

struct save_facts {
  const journal_row* pending = nullptr;
  session_version stored = no_version;  // what the table has, when the lease is sure
  bool lease_is_sure = false;
  bool is_cut_off = false;  // the table did not answer lately
  std::int64_t now = 0;     // unix seconds
};

enum class save_answer { repeated, stale, journal, table, table_else_journal };

inline save_answer answer_for(const save_facts& facts, const session_write& write) {
  const journal_row* pending = facts.pending;
  const bool surely_fits = write.data.size() <= max_data_bytes;
  if (pending == nullptr) {
    if (!surely_fits) return save_answer::table;
    if (write.expected == no_version) return save_answer::table_else_journal;
    const bool follows = facts.lease_is_sure && facts.stored == write.expected;
    return follows ? save_answer::journal : save_answer::table;
  }
  if (pending->version == write.version && pending->data == write.data) return save_answer::repeated;
  const bool gives_way = write.expected == no_version && pending->expires <= facts.now;
  if (write.expected != pending->version && !gives_way) return save_answer::stale;
  if (!surely_fits) return save_answer::table;
  return facts.lease_is_sure || facts.is_cut_off ? save_answer::journal : save_answer::table_else_journal;
}

}  // namespace mooring::sessiond
