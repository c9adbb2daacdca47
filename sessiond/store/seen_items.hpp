// Items as they were read, for writes that must name what they replace. Forgetting one costs a read, nothing else.
// Sans I/O.
#pragma once

#include <list>
#include <map>
#include <string>

#include "mooring/aws/dynamo_types.hpp"

namespace mooring::sessiond {

constexpr std::size_t max_seen_bytes = 64 * 1024 * 1024;

class seen_items {
 public:
  void remember(const std::string& key, item seen);
  void forget(const std::string& key);
  const item* find(const std::string& key) const;  // valid until the next call of another function

 private:
  struct entry {
    item seen;
    std::size_t bytes;
    std::list<std::string>::iterator place;
  };

  std::map<std::string, entry> entries_;
  std::list<std::string> order_;  // oldest first
  std::size_t bytes_ = 0;
};

}  // namespace mooring::sessiond
