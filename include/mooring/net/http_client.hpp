// HTTP requests to other people's services, as an interface: the real one is curl_client, tests script their own.
//
// send() gives a response for every HTTP status. An error means that no complete answer came:
//
//   region_unavailable  DNS, connect, TLS or reset; also when the deadline passed before the connection stood
//   timed_out           connected, but no answer before the deadline; or the deadline had passed already
//   no_network          this node has no route
//   too_large           the body is over max_response_bytes
//   misconfigured       the URL is not one that can be asked
//   io                  this process has no file descriptors left
//   cancelled           the task was cancelled, which abandons the transfer
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mooring/base/clock.hpp"
#include "mooring/net/task.hpp"

namespace mooring {

using http_headers = std::vector<std::pair<std::string, std::string>>;

struct http_request {
  std::string method = "POST";
  std::string url;
  http_headers headers;
  std::string body;
  bool fresh_connection = false;  // new DNS lookup, TCP and TLS; the connection is not kept afterwards
  bool direct = false;            // ignore proxies named in the environment (instance metadata)
};

struct http_response {
  long status = 0;
  http_headers headers;  // names in lower case
  std::string body;
  bool new_connection = false;

  // The first header of that name (lower case), if any.
  std::optional<std::string_view> header(std::string_view name) const;
};

// Above DynamoDB's own 1 MB answers, in base64 and JSON.
constexpr std::size_t max_response_bytes = 4 * 1024 * 1024;

class http_client {
 public:
  virtual ~http_client() = default;
  virtual task<result<http_response>> send(http_request request, steady_time deadline) = 0;

  // A thread of it is stuck in the system and cannot be ended: destroying the client would wait for it.
  virtual bool hangs() const { return false; }
};

}  // namespace mooring
