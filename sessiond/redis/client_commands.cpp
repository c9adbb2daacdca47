// AUTH, CLIENT, and php-redis's ECHO.
#include <openssl/crypto.h>

#include "mooring/base/digest.hpp"
#include "mooring/resp/words.hpp"
#include "sessiond/redis/redis_dialect.hpp"

namespace mooring::sessiond {

std::vector<command> redis_dialect::client_commands() {
  return {
      {"auth", 2, 3, handler_of(*this, &redis_dialect::auth)},
      {"echo", 2, 2, handler_of(*this, &redis_dialect::echo)},
      {"client", 2, max_arguments, handler_of(*this, &redis_dialect::client_command)},
  };
}

// php-redis sends this when it takes a persistent connection out of its pool: a new PHP request begins, and what an
// earlier one has left behind, such as the lock of a script that was interrupted, is nobody's any more.
task<void> redis_dialect::echo(client& who, resp_request request, std::string& out) {
  constexpr std::string_view liveness_check = "phpredis:";
  if (std::string_view(request[1]).substr(0, liveness_check.size()) == liveness_check)
    co_await redis_.sessions.start_anew(who);
  resp_writer(out).bulk(request[1]);
}

// The user's name is not looked at: whoever may connect is let in by the permissions of the socket.
task<void> redis_dialect::auth(client& who, resp_request request, std::string& out) {
  const std::string given = sha256(request.back());
  const std::string right = sha256(redis_.config.password);
  if (!redis_.config.password.empty() && CRYPTO_memcmp(given.data(), right.data(), right.size()) != 0) {
    resp_writer(out).error("invalid password; see sessions.redis.password_file");
    co_return;
  }
  clients_[who.id].authenticated = true;
  resp_writer(out).ok();
}

task<void> redis_dialect::client_command(client& who, resp_request request, std::string& out) {
  resp_writer reply(out);
  const std::string word = lower(request[1]);
  if (word == "id" && request.size() == 2) {
    reply.integer(static_cast<std::int64_t>(who.id));
  } else if (word == "setname" && request.size() == 3) {
    clients_[who.id].name = printable(request[2]);
    reply.ok();
  } else if (word == "getname" && request.size() == 2) {
    const std::string& name = clients_[who.id].name;
    if (name.empty())
      reply.nil();
    else
      reply.bulk(name);
  } else if (word == "setinfo" && request.size() == 4) {
    reply.ok();
  } else {
    reply.error("CLIENT takes ID, SETNAME, GETNAME and SETINFO here");
  }
  co_return;
}

}  // namespace mooring::sessiond
