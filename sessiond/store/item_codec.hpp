// A session as a DynamoDB item (schema "mooring"), pure. docs/formats.md shows an example.
//
//   session_id  S  "PHPSESSID:5e88489..."   the partition key, see session_key.hpp
//   data        B  what PHP serialised, opaque; absent when empty, because B attributes of no bytes say nothing
//   expires     N  unix seconds, the table's TTL attribute
//   ver         N  the version, see version_clock.hpp
//   enc         S  how data is encoded; absent: as it is. This version writes none and refuses to read any.
#pragma once

#include <optional>

#include "mooring/aws/dynamo_types.hpp"
#include "sessiond/store/session_store.hpp"

namespace mooring::sessiond {

item key_item(const std::string& key);

// Nothing when the item is no live session at `now`; errc::bad_data when it does not follow the schema.
result<std::optional<stored_session>> session_from(const item& stored, std::int64_t now);

// errc::too_large over max_data_bytes.
result<void> check_size(const std::string& data);

write_request save_request(const std::string& table, const std::string& key, const session_write& write,
                           std::int64_t now);
write_request touch_request(const std::string& table, const std::string& key, session_version version,
                            std::int64_t expires);
write_request remove_request(const std::string& table, const std::string& key, session_version version);

}  // namespace mooring::sessiond
