// From one RESP request to one reply.
//
// The table in dispatcher.cpp lists every command with its argument counts; docs/protocol.md explains them to users.
// Names are case-insensitive. Whatever goes wrong is answered with "-ERR text"; nothing here closes a connection but
// QUIT. Commands of one client run one after the other, those of different clients interleave.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "mooring/base/log_limiter.hpp"
#include "mooring/base/metrics.hpp"
#include "sessiond/command/session_service.hpp"
#include "sessiond/resp/parser.hpp"
#include "sessiond/resp/writer.hpp"

namespace mooring::sessiond {

// What INFO and METRICS tell beyond the dispatcher's own numbers.
struct server_facts {
  std::function<std::string()> info;     // lines "name:value\r\n" under "# Section" headings
  std::function<std::string()> metrics;  // Prometheus text
};

enum class after_reply { keep, close };

class dispatcher {
 public:
  dispatcher(session_service& sessions, const clock& time, const logger& log, metrics& registry, server_facts facts);

  // Appends exactly one reply to `out`.
  task<after_reply> run(client& who, resp_request request, std::string& out);

 private:
  struct command;
  using handler = task<void> (dispatcher::*)(client&, resp_request, std::string&);
  static const command* find(const std::string& name);

  task<void> session_open(client& who, resp_request request, std::string& out);
  task<void> session_commit(client& who, resp_request request, std::string& out);
  task<void> session_touch(client& who, resp_request request, std::string& out);
  task<void> session_close(client& who, resp_request request, std::string& out);
  task<void> session_destroy(client& who, resp_request request, std::string& out);
  task<void> session_exists(client& who, resp_request request, std::string& out);
  task<void> reset(client& who, resp_request request, std::string& out);
  task<void> ping(client& who, resp_request request, std::string& out);
  task<void> echo(client& who, resp_request request, std::string& out);
  task<void> info(client& who, resp_request request, std::string& out);
  task<void> metrics_text(client& who, resp_request request, std::string& out);
  task<void> command_list(client& who, resp_request request, std::string& out);
  task<void> hello(client& who, resp_request request, std::string& out);
  task<void> select(client& who, resp_request request, std::string& out);
  task<void> quit(client& who, resp_request request, std::string& out);

  counter& units_of(const std::string& name);
  void reply_error(std::string& out, const resp_request& request, const error& failure);
  void reply_flag(std::string& out, const resp_request& request, const result<bool>& outcome);
  void reply_done(std::string& out, const resp_request& request, const result<void>& outcome);

  static const command commands[];

  session_service& sessions_;
  const clock& time_;
  logger log_;
  metrics& registry_;
  server_facts facts_;
  std::map<std::string, histogram*> durations_;
  std::map<std::string, counter*> units_;  // by command; those that have spent any
  struct error_class {
    counter* total = nullptr;
    log_limiter lines;
  };
  std::map<errc, error_class> errors_;
};

}  // namespace mooring::sessiond
