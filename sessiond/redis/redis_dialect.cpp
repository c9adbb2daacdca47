#include "sessiond/redis/redis_dialect.hpp"

namespace mooring::sessiond {

std::vector<command> redis_dialect::commands(error_replies& errors) {
  errors_ = &errors;
  std::vector<command> out;
  for (auto part : {string_commands(), lock_commands(), hash_commands(), client_commands()})
    out.insert(out.end(), part.begin(), part.end());
  return out;
}

command_handler redis_dialect::bind(method run, bool needs_password) {
  if (!needs_password)
    return [this, run](client& who, resp_request request, std::string& out) {
      return (this->*run)(who, std::move(request), out);
    };
  return [this, run](client& who, resp_request request, std::string& out) {
    return guarded(run, who, std::move(request), out);
  };
}

task<void> redis_dialect::guarded(method run, client& who, resp_request request, std::string& out) {
  if (!config_.password.empty() && !clients_[who.id].authenticated) {
    resp_writer(out).error("authentication required; see sessions.redis.password_file");
    co_return;
  }
  sessions_.begin(who);
  co_await (this->*run)(who, std::move(request), out);
  sessions_.end(who);
}

void redis_dialect::forget(client& who) {
  sessions_.forget(who);
  clients_.erase(who.id);
}

redis_dialect::target redis_dialect::locate(const std::string& key) const {
  target out;
  auto located = keys_.locate(key);
  if (!located) {
    out.fault = located.error();
    return out;
  }
  out.is_lock = located->is_lock;
  auto stored = sessions_.key_of(located->name, located->id);
  if (stored)
    out.key = std::move(*stored);
  else
    out.fault = stored.error();
  return out;
}

}  // namespace mooring::sessiond
