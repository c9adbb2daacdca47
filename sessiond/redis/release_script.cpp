#include "sessiond/redis/release_script.hpp"

#include "mooring/resp/words.hpp"

namespace mooring::sessiond {

std::optional<release_call> recognise_release(const resp_request& request) {
  if (request.size() != 5 || request[2] != "1") return std::nullopt;
  const bool by_hash = lower(request[0]) == "evalsha";
  if (by_hash ? lower(request[1]) != release_script_sha1 : request[1] != release_script) return std::nullopt;
  release_call out;
  out.lock_key = request[3];
  out.secret = request[4];
  return out;
}

}  // namespace mooring::sessiond
