// session_store in one SQLite file: a laptop, a staging box, a single node.
//
// WAL with synchronous=FULL: an acknowledged save survives kill -9 and power loss. SQLite blocks, so it has a thread of
// its own; more than max_queued_calls waiting calls are refused as errc::busy, and a call whose turn comes after its
// deadline does nothing. Expired rows are removed in the
// background of saves. Opening fails with a sentence for people; the file and its -wal and -shm belong to one process.
#pragma once

#include <memory>
#include <string>

#include "sessiond/store/session_store.hpp"

namespace mooring::sessiond {

constexpr int max_queued_calls = 1024;

// `time` must outlive the store.
result<std::unique_ptr<session_store>> open_sqlite_store(const std::string& file, const clock& time);

}  // namespace mooring::sessiond
