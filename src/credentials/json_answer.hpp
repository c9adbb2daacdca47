// Credentials as JSON, in the three dialects that AWS has for them. Pure; foreign bytes never throw.
//
//   process    {"Version":1,"AccessKeyId":"..","SecretAccessKey":"..","SessionToken":"..","Expiration":".."}
//   container  {"AccessKeyId":"..","SecretAccessKey":"..","Token":"..","Expiration":".."}
//   instance   the same with "Code":"Success"; any other code is a failure although the status is 200
//
// Only a process may leave token and expiration out: its keys are then taken for good.
#pragma once

#include "mooring/credentials/source.hpp"

namespace mooring {

enum class json_dialect { process, container, instance };

// `source` begins the error's text. The text never holds a part of `body` but for Code and Message of a failure.
result<temporary_credentials> credentials_in_json(std::string_view body, json_dialect dialect, std::string_view source);

// "ExpiredToken: the token has expired" from a failed answer's code and message, in any letter case; empty: none.
std::string failure_in_json(std::string_view body);

}  // namespace mooring
