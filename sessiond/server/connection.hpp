// One client's connection: read, parse, dispatch, write, until it ends.
//
// One command at a time: the next is taken from what has arrived when the one before has its reply. So a client that
// sends without reading is held back by its socket. A wait for the next command has no deadline, because PHP keeps
// connections; a command's own waits have those of session_service, replies must be taken within 30 s, and after a
// malformed request the client is left after linger_time. Each of these waits is over before the socket is destroyed.
// The destructor releases what the client holds, behind its back.
#pragma once

#include "mooring/net/drain.hpp"
#include "mooring/net/listener.hpp"
#include "sessiond/command/dispatcher.hpp"

namespace mooring::sessiond {

// After a malformed request the rest of it is read and dropped for so long, so that the client sees the error and not a
// reset.
constexpr seconds linger_time{1};

class connection {
 public:
  connection(unix_protocol::socket socket, owner_id id, dispatcher& commands, drain_register& drain);
  ~connection();

  // Ends at EOF, at QUIT, after a malformed request (answered with -ERR), or at the drain: then as soon as it holds no
  // session, so that PHP requests that have one open finish here.
  task<void> serve();

 private:
  task<bool> answer_what_arrived();
  task<bool> write(std::string& out);
  task<void> refuse(std::string out);
  std::int64_t peer_process();
  bool peer_is_gone();
  void on_drain(drain_register::request what);

  unix_protocol::socket socket_;
  client client_;
  dispatcher& commands_;
  drain_register::ticket ticket_;
  resp_parser parser_;
  bool working_ = false;  // between a request and its reply
  bool draining_ = false;
};

}  // namespace mooring::sessiond
