#include "sessiond/redis/redis_dialect.hpp"

#include <utility>

namespace mooring::sessiond {

std::vector<command> redis_dialect::commands(error_replies& errors) {
  redis_.errors = &errors;
  std::vector<command> out = client_commands();
  for (auto& part : {strings_.commands(), locks_.commands(), hashes_.commands()})
    for (command c : part) {
      c.run = guarded(std::move(c.run));
      out.push_back(std::move(c));
    }
  return out;
}

command_handler redis_dialect::guarded(command_handler run) {
  return [this, run = std::move(run)](client& who, resp_request request, std::string& out) {
    return run_guarded(run, who, std::move(request), out);
  };
}

// `run` lives in the dispatcher's table.
task<void> redis_dialect::run_guarded(const command_handler& run, client& who, resp_request request, std::string& out) {
  if (!redis_.config.password.empty() && !clients_[who.id].authenticated) {
    resp_writer(out).error("authentication required; see sessions.redis.password_file");
    co_return;
  }
  redis_.sessions.begin(who);
  co_await run(who, std::move(request), out);
  redis_.sessions.end(who);
}

task<void> redis_dialect::finish_batch(client& who, std::string& out) {
  if (!hashes_.has_put_off(who)) co_return;
  redis_.sessions.begin(who);
  co_await hashes_.finish(who, out, 0);
  redis_.sessions.end(who);
}

void redis_dialect::forget(client& who) {
  redis_.sessions.forget(who);
  hashes_.forget(who);
  clients_.erase(who.id);
}

}  // namespace mooring::sessiond
