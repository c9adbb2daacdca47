// Locks that another program puts into items and that name neither an owner nor an end.
//
// Such a lock may be in use, or its owner may have died with it. The item does not tell, so this node counts from when
// it first saw that lock: for `timeout` it is held, from then on abandoned. The mark tells one lock from the next one
// on the same session (item_schema::lock_mark); of two locks with one mark the second counts as the first. Sans I/O.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "mooring/base/clock.hpp"

namespace mooring::sessiond {

// One that is forgotten is waited for anew.
constexpr std::size_t max_foreign_locks = 4096;

class foreign_locks {
 public:
  explicit foreign_locks(std::chrono::milliseconds timeout) : timeout_(timeout) {}

  // The session was looked at, and has the lock `mark` or none.
  void saw(const std::string& key, std::optional<std::string> mark, steady_time now);

  // As of the last look.
  bool held(const std::string& key, steady_time now) const;
  bool abandoned(const std::string& key, steady_time now) const;

 private:
  struct lock {
    std::string mark;
    steady_time first_seen;
  };
  void make_room();

  std::chrono::milliseconds timeout_;
  std::map<std::string, lock> locks_;
};

}  // namespace mooring::sessiond
