// http_client on libcurl's multi interface, driven by the io_context.
//
// Connections stay warm for 45 s idle: DynamoDB closes idle ones at about 60 s, and a request sent into a closing
// connection would fail. Connections end with a reset, so that the kernel delivers no request later that was given up
// here. Names are looked up by name_lookup, not by curl, unless a proxy does it. curl_global_init must have run. The
// io_context must outlive the client.
#pragma once

#include <memory>

#include "mooring/net/http_client.hpp"

namespace mooring {

struct curl_options {
  milliseconds connect_timeout{1000};  // DNS + TCP + TLS, within the caller's deadline
};

std::unique_ptr<http_client> make_curl_client(const asio::any_io_executor& executor, const curl_options& options);

}  // namespace mooring
