// The two RESP replies that the sessiond check waits for: to PING and to METRICS.
//
//   +PONG\r\n $<bytes>\r\n<Prometheus text>\r\n
//
// Bytes in; a value, an error, or nothing while more bytes are needed. No socket.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "mooring/base/error.hpp"

namespace mooring::sidecar {

inline constexpr std::string_view sessiond_request = "*1\r\n$4\r\nPING\r\n*1\r\n$7\r\nMETRICS\r\n";

// Both replies together. sessiond's metrics are some ten kilobytes.
inline constexpr std::size_t max_sessiond_reply_bytes = 1024 * 1024;

// The metrics text. A sessiond that answers PING with an error, or not in RESP, is an error; one that has no metrics
// for us is not.
std::optional<result<std::string>> parse_sessiond_reply(std::string_view bytes);

}  // namespace mooring::sidecar
