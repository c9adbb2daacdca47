// Questions to mooring-sessiond over its socket, for mooringctl and the sidecar's check.
//
//   sessiond_client link(executor, config.socket);
//   auto reply = co_await link.call({"PING"}, deadline);
//
// A call is answered, or fails by its deadline. Each error is a sentence with the socket's path and what to do:
//
//   misconfigured     this user may not connect
//   io                nobody listens, or the connection ended before the reply
//   timed_out         it accepts connections and is silent
//   bad_data          what answers is not sessiond
//   invalid_argument  sessiond refused the command: the text of its "-ERR"
//
// A connection that sessiond refuses, over sessions.max_connections or sessions.allow_uids, is an invalid_argument too:
// sessiond says why before it closes.
#pragma once

#include <boost/asio/local/stream_protocol.hpp>
#include <string>
#include <vector>

#include "mooring/base/clock.hpp"
#include "mooring/net/task.hpp"
#include "mooring/resp/reply.hpp"

namespace mooring {

// One connection, as PHP's is: a lock lives as long as it. It is made by the first call; after an error other than
// invalid_argument it is closed, and the next call connects anew. One call at a time; the client outlives its calls.
// Cancelling the caller's task cancels the call.
class sessiond_client {
 public:
  sessiond_client(const asio::any_io_executor& executor, std::string socket)
      : path_(std::move(socket)), socket_(executor) {}

  // The reply to one command, given as its words; never an error reply.
  task<result<resp_reply>> call(std::vector<std::string> words, steady_time deadline);

 private:
  task<result<resp_reply>> exchange(std::string request);
  void close();

  std::string path_;
  asio::local::stream_protocol::socket socket_;
};

// One call over a connection of its own.
task<result<resp_reply>> call_sessiond(std::string socket, std::vector<std::string> words, steady_time deadline);

}  // namespace mooring
