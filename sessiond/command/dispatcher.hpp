// From one RESP request to one reply.
//
// own_commands() lists the commands of sessions and connections with their argument counts, docs/protocol.md explains
// them to users; speak() adds those of a dialect, such as sessiond/redis. Names are case-insensitive. Whatever goes
// wrong is answered with "-ERR text"; nothing here closes a connection but QUIT. Commands of one client run one after
// the other, those of different clients interleave.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "mooring/base/metrics.hpp"
#include "sessiond/command/command.hpp"

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

  // `language` must outlive the dispatcher.
  void speak(dialect& language);

  // Appends exactly one reply to `out`, which may hold back its place until finish_batch().
  task<after_reply> run(client& who, resp_request request, std::string& out);

  // Must be called before the replies of a pipeline are written.
  task<void> finish_batch(client& who, std::string& out);

  // Whether the client is in the middle of a session: it has one open, or a dialect expects another command of it.
  bool is_busy(const client& who) const;

  // The end of a connection: its locks are released.
  void forget(client& who);

 private:
  std::vector<command> own_commands();
  void add(std::vector<command> commands);
  void charge(const std::string& name, client& who);
  const command* find(const std::string& name) const;

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

  session_service& sessions_;
  const clock& time_;
  metrics& registry_;
  server_facts facts_;
  std::map<std::string, histogram*> durations_;
  std::map<std::string, counter*> units_;  // by command; those that have spent any
  std::map<std::string, command> commands_;
  std::vector<dialect*> dialects_;
  error_replies errors_;
};

}  // namespace mooring::sessiond
