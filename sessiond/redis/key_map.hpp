// Which session a Redis key means. Pure.
//
// Redis clients send a prefix and the session's id; a session here has a name and an id. The longest prefix in the
// setting sessions.redis.prefixes gives the name. For other keys, what stands before the first ':' is the name, so that
// two sites with prefixes of their own ("shop1:", "shop2:") keep apart without any setting. The first ':' and not the
// last, because ids come from visitors: "shop1:shop2:x" may not reach into shop2.
// "<key>_LOCK" is php-redis's lock of that session; ids hold no '_', so no session's key ends like that.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "mooring/base/error.hpp"

namespace mooring::sessiond {

struct redis_key {
  std::string name;
  std::string id;  // not checked
  bool is_lock = false;
};

class key_map {
 public:
  // From prefix to session name.
  explicit key_map(std::map<std::string, std::string> prefixes) : prefixes_(std::move(prefixes)) {}

  // errc::invalid_argument when no prefix is to be seen.
  result<redis_key> locate(std::string_view key) const;

 private:
  std::map<std::string, std::string> prefixes_;
};

}  // namespace mooring::sessiond
