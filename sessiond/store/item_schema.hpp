// What a session looks like as an item of a DynamoDB table, pure.
//
// A schema is chosen once, at start; the store sends what it builds and never asks which one it is. docs/formats.md
// shows examples of both:
//   mooring       Mooring's own (mooring_schema.cpp)
//   aws-sdk-php   what the session handler of the AWS SDK for PHP reads and writes (sdk_schema.cpp)
// What is made here is about the session alone; the store adds the lease and the table.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "mooring/aws/dynamo_types.hpp"
#include "mooring/settings/settings.hpp"
#include "sessiond/store/item_update.hpp"
#include "sessiond/store/session_key.hpp"
#include "sessiond/store/session_store.hpp"

namespace mooring::sessiond {

// What is known about the item that a write is to replace.
struct write_basis {
  item seen;                       // as it was read; empty unless the schema's versions can lie
  bool lock_is_abandoned = false;  // another program's lock on it has outlived its time
};

class item_schema {
 public:
  static constexpr const char* version_name = "ver";

  explicit item_schema(table_names names) : names_(std::move(names)) {}
  virtual ~item_schema() = default;

  const table_names& names() const { return names_; }
  item key_item(const std::string& key) const {
    item out;
    out.emplace(names_.partition_key, attribute::text(key));
    return out;
  }

  // Nothing when the item is no live session at `now`; errc::bad_data when it does not follow the schema.
  virtual result<std::optional<stored_session>> session_in(const item& stored, std::int64_t now) const = 0;

  // Other programs write items without minding the version. Then writes must name what they replace.
  virtual bool versions_can_lie() const { return false; }
  // The version that session_in() would give to the item, expired or not; no_version when it is no session.
  virtual session_version version_in(const item& stored) const = 0;
  // 0: it does not say.
  std::int64_t expires_in(const item& stored) const { return number_in(stored, names_.ttl_attribute).value_or(0); }
  // The version that Mooring wrote last, whoever has written since: what a write that replaces older ones minds.
  static session_version written_version_in(const item& stored) {
    return number_in(stored, version_name).value_or(no_version);
  }
  // Tells one lock of another program from its next one; nothing when there is none.
  virtual std::optional<std::string> lock_mark(const item&) const { return std::nullopt; }

  virtual result<item_update> save(const std::string& key, const session_write& write, const write_basis& basis,
                                   std::int64_t now) const = 0;
  virtual item_update touch(const std::string& key, session_version version, std::int64_t expires,
                            const write_basis& basis) const = 0;
  virtual item_update remove(const std::string& key, session_version version, const write_basis& basis) const = 0;
  // Changes nothing, on condition that the session lives and no other program has it locked.
  virtual item_update hold(const std::string& key, const write_basis& basis, std::int64_t now) const = 0;

 protected:
  item_update update_of(const std::string& key) const { return item_update(key_item(key)); }
  // What has expired counts as absent, but for a write that is older than it: that one has been overtaken.
  void require_no_newer(item_update& update, const std::string& present_with, const session_write& write,
                        std::int64_t now) const {
    const std::string version = update.name(version_name);
    const std::string absent = "attribute_not_exists(" + update.name(present_with) + ")";
    const std::string older = version + " <= " + update.value(attribute::number(write.expected));
    const std::string over = update.name(names_.ttl_attribute) + " <= " + update.value(attribute::number(now));
    const std::string overtaken = version + " < " + update.value(attribute::number(write.version));
    update.require("(" + absent + " OR " + older + " OR (" + over + " AND " + overtaken + "))");
  }
  void require_live(item_update& update, std::int64_t now) const {
    const std::string expires = update.name(names_.ttl_attribute);
    update.require(expires + " > " + update.value(attribute::number(now)));
  }

 private:
  table_names names_;
};

std::unique_ptr<item_schema> make_mooring_schema();
std::unique_ptr<item_schema> make_sdk_schema(const sdk_settings& config);

// What sessions.schema says: the schema, and the form of the keys that go with it.
std::unique_ptr<item_schema> make_item_schema(const session_settings& config);
key_form key_form_of(const session_settings& config);

}  // namespace mooring::sessiond
