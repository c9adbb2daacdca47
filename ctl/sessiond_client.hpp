// Questions to mooring-sessiond over its socket.
#pragma once

#include <boost/asio/local/stream_protocol.hpp>
#include <optional>
#include <string>
#include <vector>

#include "ctl/toolbox.hpp"
#include "sessiond/resp/reply.hpp"

namespace mooring::ctl {

// sessiond answers by sessions.deadline; whoever waits so much longer knows that it is silent.
constexpr milliseconds time_beyond_deadline{2000};

// The reply to one command, given as its words, over a connection of its own. "-ERR ..." is an error, too. Each error
// names the socket and what to do.
task<result<sessiond::resp_reply>> call_sessiond(std::string socket, std::vector<std::string> words,
                                                 steady_time deadline);

// A connection that stays, as PHP's does: a lock lives as long as it. After an error the next call connects anew.
class sessiond_link {
 public:
  sessiond_link(const asio::any_io_executor& executor, std::string socket)
      : path_(std::move(socket)), socket_(executor) {}

  // One call at a time. Errors as above.
  task<result<sessiond::resp_reply>> call(std::vector<std::string> words, steady_time deadline);

 private:
  task<result<sessiond::resp_reply>> exchange(std::string request);
  void close();

  std::string path_;
  asio::local::stream_protocol::socket socket_;
};

}  // namespace mooring::ctl
