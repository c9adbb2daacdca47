// Schema "mooring":
//
//   session_id  S  "PHPSESSID:5e88489..."   the partition key, see session_key.hpp
//   data        B  what PHP serialised, opaque; absent when empty, because B attributes of no bytes say nothing
//   expires     N  unix seconds, the table's TTL attribute
//   ver         N  the version, see version_clock.hpp
//   enc         S  how data is encoded: "zstd"; absent: as it is
// and the lease, see lease_terms.hpp.
#include "sessiond/store/item_schema.hpp"
#include "sessiond/store/item_size.hpp"
#include "sessiond/store/packing.hpp"
#include "sessiond/store/size_limits.hpp"
#include "sessiond/store/version_clock.hpp"

namespace mooring::sessiond {
namespace {

constexpr const char* zstd_name = "zstd";

struct encoded_data {
  std::string bytes;
  bool packed = false;
};

// Packed when that makes the whole item, of which `whole` is all but the data, cheaper to write.
result<encoded_data> encode_data(item whole, const std::string& data) {
  if (data.size() > max_raw_bytes) return over_limit(data.size(), max_raw_bytes, "");
  encoded_data out;
  out.bytes = data;
  if (data.empty()) return out;
  whole["data"] = attribute::binary(data);
  const std::size_t plain_size = item_bytes(whole);
  if (write_units(plain_size) > 1) {
    std::string smaller = pack(data);
    whole["data"] = attribute::binary(smaller);
    whole["enc"] = attribute::text(zstd_name);
    out.packed = saves_a_write_unit(plain_size, item_bytes(whole));
    if (out.packed) out.bytes = std::move(smaller);
  }
  if (out.bytes.size() > max_data_bytes)
    return over_limit(out.bytes.size(), max_data_bytes, out.packed ? " after compression" : "");
  return out;
}

result<std::string> data_in(const item& stored) {
  const auto data = stored.find("data");
  if (data == stored.end()) return std::string();
  if (data->second.type != attribute::kind::binary)
    return error(errc::bad_data, "the stored data is not binary; another program wrote it");
  const auto enc = stored.find("enc");
  if (enc == stored.end()) return data->second.value;
  if (enc->second.value != zstd_name)
    return error(errc::bad_data, "the stored session is encoded by a newer version; upgrade this node");
  return unpack(data->second.value, max_raw_bytes);
}

class mooring_schema final : public item_schema {
 public:
  mooring_schema() : item_schema(table_names()) {}

  session_version version_in(const item& stored) const override {
    return number_in(stored, "ver").value_or(no_version);
  }

  result<std::optional<stored_session>> session_in(const item& stored, std::int64_t now) const override {
    std::optional<stored_session> live;
    if (stored.empty()) return live;
    const auto expires = number_in(stored, "expires");
    const auto version = number_in(stored, "ver");
    if (!expires || !version || !is_possible_version(*version, wall_time(seconds(now))))
      return error(errc::bad_data, "the stored item has no valid expires and ver; another program wrote it");
    if (*expires <= now) return live;
    auto data = data_in(stored);
    if (!data) return data.error();
    live.emplace();
    live->data = std::move(*data);
    live->version = *version;
    live->expires = *expires;
    return live;
  }

  result<item_update> save(const std::string& key, const session_write& write, const write_basis&,
                           std::int64_t now) const override {
    item whole = key_item(key);
    whole.emplace("expires", attribute::number(write.expires));
    whole.emplace("ver", attribute::number(write.version));
    auto data = encode_data(std::move(whole), write.data);
    if (!data) return data.error();
    item_update out = update_of(key);
    out.set("expires", attribute::number(write.expires));
    out.set("ver", attribute::number(write.version));
    if (data->bytes.empty())
      out.remove("data");
    else
      out.set("data", attribute::binary(std::move(data->bytes)));
    if (data->packed)
      out.set("enc", attribute::text(zstd_name));
    else
      out.remove("enc");
    if (write.expected == no_version) {
      const std::string absent = "(attribute_not_exists(" + out.name(names().partition_key) + ") OR ";
      out.require(absent + out.name("expires") + " <= " + out.value(attribute::number(now)) + ")");
    } else if (write.replaces_older) {
      require_no_newer(out, names().partition_key, write, now);
    } else {
      require_version(out, write.expected);
    }
    return out;
  }

  item_update touch(const std::string& key, session_version version, std::int64_t expires,
                    const write_basis&) const override {
    item_update out = update_of(key);
    out.set("expires", attribute::number(expires));
    require_version(out, version);
    return out;
  }

  item_update remove(const std::string& key, session_version version, const write_basis&) const override {
    item_update out = update_of(key);
    require_version(out, version);
    return out;
  }

  item_update hold(const std::string& key, const write_basis&, std::int64_t now) const override {
    item_update out = update_of(key);
    require_live(out, now);
    return out;
  }

 private:
  static void require_version(item_update& out, session_version expected) {
    out.require(out.name("ver") + " = " + out.value(attribute::number(expected)));
  }
};

}  // namespace

std::unique_ptr<item_schema> make_mooring_schema() {
  return std::make_unique<mooring_schema>();
}

}  // namespace mooring::sessiond
