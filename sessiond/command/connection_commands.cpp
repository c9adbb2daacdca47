// The commands that any Redis client sends: they speak about the connection and the daemon, not about sessions.
#include "mooring/resp/words.hpp"
#include "sessiond/command/dispatcher.hpp"

namespace mooring::sessiond {

task<void> dispatcher::reset(client& who, resp_request, std::string& out) {
  for (dialect* language : dialects_)
    language->forget(who);
  co_await sessions_.reset(who);
  resp_writer(out).simple("RESET");
}

task<void> dispatcher::ping(client&, resp_request request, std::string& out) {
  if (request.size() == 2)
    resp_writer(out).bulk(request[1]);
  else
    resp_writer(out).simple("PONG");
  co_return;
}

task<void> dispatcher::echo(client&, resp_request request, std::string& out) {
  resp_writer(out).bulk(request[1]);
  co_return;
}

task<void> dispatcher::info(client&, resp_request, std::string& out) {
  resp_writer(out).bulk(facts_.info());
  co_return;
}

task<void> dispatcher::metrics_text(client&, resp_request, std::string& out) {
  resp_writer(out).bulk(facts_.metrics());
  co_return;
}

task<void> dispatcher::hello(client&, resp_request request, std::string& out) {
  resp_writer reply(out);
  if (request.size() > 2 || (request.size() == 2 && request[1] != "2")) {
    reply.error("only RESP2 is spoken here; send HELLO 2");
    co_return;
  }
  reply.array(6);
  reply.bulk("server");
  reply.bulk("mooring-sessiond");
  reply.bulk("version");
  reply.bulk(MOORING_VERSION);
  reply.bulk("proto");
  reply.integer(2);
}

// There is one space of sessions; clients that are configured for a database of their own are welcome.
task<void> dispatcher::select(client&, resp_request request, std::string& out) {
  constexpr std::int64_t databases_of_redis = 16;
  const auto index = whole_number(request[1]);
  if (index && *index >= 0 && *index < databases_of_redis)
    resp_writer(out).ok();
  else
    resp_writer(out).error("DB index is out of range");
  co_return;
}

task<void> dispatcher::quit(client&, resp_request, std::string& out) {
  resp_writer(out).ok();
  co_return;
}

}  // namespace mooring::sessiond
