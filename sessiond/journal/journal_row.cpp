#include "sessiond/journal/journal_row.hpp"

#include <algorithm>

namespace mooring::sessiond {

journal_row row_after(const journal_row* pending, bool pending_was_sent, const std::string& key,
                      const session_write& write) {
  journal_row out;
  out.key = key;
  out.data = write.data;
  out.version = write.version;
  out.expires = write.expires;
  out.base = write.expected;
  out.region = write.read_in;
  if (pending == nullptr) return out;
  out.base = pending->base;
  out.region = pending->region;
  out.sent = pending->sent;
  out.sequence = pending->sequence;
  if (pending_was_sent && pending->version != pending->base) out.sent.push_back(pending->version);
  if (out.sent.size() > max_sent_versions) out.sent.erase(out.sent.begin());
  return out;
}

journal_row row_after(const journal_row& pending, const session_touch& touch) {
  journal_row out = pending;
  out.expires = touch.expires;
  out.touched = true;
  return out;
}

table_state judge(const journal_row& row, session_version stored, const std::string& region) {
  if (stored == row.version) return table_state::reached;
  if (std::find(row.sent.begin(), row.sent.end(), stored) != row.sent.end())
    return stored > row.version ? table_state::reached : table_state::behind;
  if (stored == row.base) return table_state::behind;
  return stored < row.base && region != row.region ? table_state::lagging : table_state::foreign;
}

std::vector<session_version> bases_of(const journal_row& row) {
  std::vector<session_version> out{row.base};
  for (auto at = row.sent.rbegin(); at != row.sent.rend(); ++at)
    if (*at < row.version && *at != row.base) out.push_back(*at);
  return out;
}

}  // namespace mooring::sessiond
