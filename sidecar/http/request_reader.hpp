// Bytes in, HTTP requests out: HTTP/1.0 and 1.1, pipelined, with limits. No socket, no clock.
//
// Accepts any or no Host and ignores every header that does not frame the message. A request body is read and dropped,
// up to a limit, because an answer to a half-read request ends in a reset on the prober's side.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include "request.hpp"

namespace mooring::sidecar {

inline constexpr std::size_t max_head_bytes = 8 * 1024;  // request line and headers with the empty line
inline constexpr std::size_t max_body_bytes = 8 * 1024;

class request_reader {
 public:
  request_reader();
  ~request_reader();

  void append(std::string_view bytes);

  // The next request; nothing: more bytes are needed. After a refusal (400, 413, 431) the stream has no meaning any
  // more.
  std::optional<http_arrival> next();

  // Some bytes of the next request are here.
  bool begun() const;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

// "/healthz?verbose" and "http://10.0.0.1:8081/healthz" -> "/healthz"
std::string_view path_of(std::string_view target);

}  // namespace mooring::sidecar
