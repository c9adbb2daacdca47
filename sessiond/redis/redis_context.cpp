#include "sessiond/redis/redis_context.hpp"

namespace mooring::sessiond {

redis_target redis_context::locate(const std::string& key) const {
  redis_target out;
  auto located = keys.locate(key);
  if (!located) {
    out.fault = located.error();
    return out;
  }
  out.is_lock = located->is_lock;
  auto stored = sessions.key_of(located->name, located->id);
  if (stored)
    out.key = std::move(*stored);
  else
    out.fault = stored.error();
  return out;
}

}  // namespace mooring::sessiond
