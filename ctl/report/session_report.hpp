// A session as mooringctl shows it: lines for people, JSON for machines. Pure.
//
// Data is a visitor's, and may hold secrets and bytes that do things to a terminal: it is shown only on request, with
// everything escaped that is not plain ASCII. In JSON it is base64, byte for byte.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "mooring/aws/dynamo_types.hpp"
#include "sessiond/store/lease_terms.hpp"

namespace mooring::ctl {

// What the table's item says of a session. The data itself is not looked into.
struct stored_facts {
  std::size_t data_bytes = 0;  // as they are stored, encoded
  std::string encoding;        // empty: as they are
  std::optional<std::int64_t> version;
  std::optional<std::int64_t> version_seconds;  // when it was written, in unix seconds; nothing: another program wrote
  bool other_program_has_lock = false;
  std::optional<std::int64_t> expires;
  std::string lease_owner;  // empty: no lease
  std::int64_t lease_until_ms = 0;
  sessiond::lease_holder lease_holder = sessiond::lease_holder::nobody;
};

struct session_facts {
  std::string key;
  bool live = false;                   // as sessiond says
  std::optional<std::string> data;     // as sessiond gave it; nothing when it was not asked for the data
  std::string region;                  // whose table was asked; empty: none
  std::optional<stored_facts> stored;  // nothing: not in the table, or the table was not asked
  std::string not_known_because;       // why the table was not asked; empty when it was
  std::int64_t now_ms = 0;             // by the service's clock
};

// What the attributes of an item are called where that depends on the schema.
struct item_names {
  std::string data = "data";
  std::string expires = "expires";
};

// Expiry, encoding, size and lease. What the version is and whose the lease is others have to say.
stored_facts facts_in(const item& stored, const item_names& names);

std::string text_of(const session_facts& facts, bool with_data);
std::string json_of(const session_facts& facts, bool with_data);  // one line, without line end

}  // namespace mooring::ctl
