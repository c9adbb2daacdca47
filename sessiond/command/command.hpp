// One row of a command table, and the dialects that add rows to it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "mooring/resp/parser.hpp"
#include "mooring/resp/writer.hpp"
#include "sessiond/command/error_replies.hpp"
#include "sessiond/session/session_service.hpp"

namespace mooring::sessiond {

// Appends exactly one reply.
using command_handler = std::function<task<void>(client&, resp_request, std::string&)>;

struct command {
  std::string name;
  std::size_t least = 1;  // arguments, the name included
  std::size_t most = 1;
  command_handler run;
  bool keyed = false;        // arguments 1 and 2 are a session's name and id, or the only argument is its key
  bool joins_batch = false;  // may follow a command whose reply is not known yet
};

// A set of commands with a memory of its own about each connection.
class dialect {
 public:
  virtual ~dialect() = default;

  // May replace commands of the same name.
  virtual std::vector<command> commands(error_replies& errors) = 0;

  // Carries out what was put off for the commands that follow in the same batch, and puts its reply in its place in
  // `out`. Called before `out` is written, and before a command that is not marked joins_batch.
  virtual task<void> finish_batch(client& who, std::string& out) = 0;

  // Whether the client will still release what session_service has released already, so that a drain waits for it.
  virtual bool expects_release(const client& who) const = 0;

  // The connection ends, or starts anew by RESET. Locks are session_service's to release.
  virtual void forget(client& who) = 0;
};

}  // namespace mooring::sessiond
