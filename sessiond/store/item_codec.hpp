// A session as a DynamoDB item (schema "mooring"), pure. docs/formats.md shows an example.
//
//   session_id  S  "PHPSESSID:5e88489..."   the partition key, see session_key.hpp
//   data        B  what PHP serialised, opaque; absent when empty, because B attributes of no bytes say nothing
//   expires     N  unix seconds, the table's TTL attribute
//   ver         N  the version, see version_clock.hpp
//   lock_owner, lock_until  the lease, see lease_terms.hpp
//   enc         S  how data is encoded; absent: as it is. This version writes none and refuses to read any.
#pragma once

#include <optional>

#include "mooring/aws/dynamo_types.hpp"
#include "sessiond/store/lease_terms.hpp"
#include "sessiond/store/session_store.hpp"

namespace mooring::sessiond {

item key_item(const std::string& key);

// Nothing when the item is no live session at `now`; errc::bad_data when it does not follow the schema.
result<std::optional<stored_session>> session_from(const item& stored, std::int64_t now);

// errc::too_large over max_data_bytes.
result<void> check_size(const std::string& data);

// The requests of one table. Each write is refused by its condition while another node holds the lease, unless leases
// are not used.
class session_requests {
 public:
  session_requests(std::string table, lease_terms terms) : table_(std::move(table)), terms_(std::move(terms)) {}

  const lease_terms& terms() const { return terms_; }
  get_request load(const std::string& key) const;
  get_request exists(const std::string& key) const;
  write_request save(const std::string& key, const session_write& write, std::int64_t now_ms) const;
  write_request touch(const std::string& key, const session_touch& touch, std::int64_t now_ms) const;
  write_request remove(const std::string& key, session_version version) const;
  write_request acquire(const std::string& key, std::int64_t now_ms) const;
  write_request renew(const std::string& key, std::int64_t now_ms) const;
  write_request release(const std::string& key) const;

 private:
  write_request start(const std::string& key) const;
  void add_lease(write_request& to, lease_after lease, std::int64_t now_ms) const;
  void set_lease(write_request& to, std::int64_t now_ms) const;
  void require_own_lease(write_request& to) const;

  std::string table_;
  lease_terms terms_;
};

}  // namespace mooring::sessiond
