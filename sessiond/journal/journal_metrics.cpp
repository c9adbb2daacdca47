#include "sessiond/journal/journal_metrics.hpp"

namespace mooring::sessiond {
namespace {

counter& conflicts_found(metrics& in, const char* when) {
  return in.make_counter("mooring_journal_conflicts_total",
                         "Acknowledged commits that were dropped because another node had changed the session",
                         {{"found", when}});
}

counter& written_through(metrics& in, const char* reason) {
  return in.make_counter("mooring_journal_write_through_total", "Commits that DynamoDB had to acknowledge",
                         {{"reason", reason}});
}

}  // namespace

journal_metrics::journal_metrics(metrics& registry)
    : pending(registry.make_gauge("mooring_journal_pending", "Sessions whose newest commit is not in DynamoDB yet")),
      bytes(registry.make_gauge("mooring_journal_bytes", "What they count against sessions.journal_max_bytes")),
      oldest_seconds(registry.make_gauge("mooring_journal_oldest_seconds", "Age of the oldest of them")),
      flushes(registry.make_counter("mooring_journal_flushes_total", "Sessions brought from the journal to DynamoDB")),
      conflicts(conflicts_found(registry, "running")),
      superseded(conflicts_found(registry, "after_start")),
      through_full(written_through(registry, "full")),
      through_disk(written_through(registry, "disk")),
      through_not_sure(written_through(registry, "not_sure")),
      fsync_seconds(registry.make_histogram("mooring_journal_fsync_seconds", "Time of one durable write")) {}

}  // namespace mooring::sessiond
