// Schema "mooring":
//
//   session_id  S  "PHPSESSID:5e88489..."   the partition key, see session_key.hpp
//   data        B  what PHP serialised, opaque; absent when empty, because B attributes of no bytes say nothing
//   expires     N  unix seconds, the table's TTL attribute
//   ver         N  the version, see version_clock.hpp
//   enc         S  how data is encoded: "zstd"; absent: as it is
#include "sessiond/store/item_requests.hpp"
#include "sessiond/store/item_schema.hpp"
#include "sessiond/store/item_size.hpp"
#include "sessiond/store/packing.hpp"
#include "sessiond/store/size_limits.hpp"

namespace mooring::sessiond {
namespace {

constexpr const char* zstd_name = "zstd";

const attribute_aliases& aliases() {
  static const attribute_aliases all{
      {"#k", "session_id"}, {"#d", "data"}, {"#e", "expires"}, {"#v", "ver"}, {"#c", "enc"}};
  return all;
}

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
    if (!expires || !version)
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

  result<write_request> save(const std::string& key, const session_write& write, const write_basis&,
                             std::int64_t now) const override {
    write_request out = request_on(key);
    item whole = out.key;
    whole.emplace("expires", attribute::number(write.expires));
    whole.emplace("ver", attribute::number(write.version));
    auto data = encode_data(std::move(whole), write.data);
    if (!data) return data.error();
    out.update = "SET #e = :e, #v = :v";
    out.values.emplace(":e", attribute::number(write.expires));
    out.values.emplace(":v", attribute::number(write.version));
    std::string removed = " REMOVE";
    if (data->bytes.empty()) {
      removed += " #d,";
    } else {
      out.update += ", #d = :d";
      out.values.emplace(":d", attribute::binary(std::move(data->bytes)));
    }
    if (data->packed) {
      out.update += ", #c = :c";
      out.values.emplace(":c", attribute::text(zstd_name));
    } else {
      out.update += removed + " #c";
    }
    if (write.expected == no_version) {
      out.condition = "attribute_not_exists(#k) OR #e <= :n";
      out.values.emplace(":n", attribute::number(now));
    } else {
      on_version(out, write.expected);
    }
    add_names(out, aliases());
    return out;
  }

  write_request touch(const std::string& key, session_version version, std::int64_t expires,
                      const write_basis&) const override {
    write_request out = request_on(key);
    out.update = "SET #e = :e";
    out.values.emplace(":e", attribute::number(expires));
    on_version(out, version);
    add_names(out, aliases());
    return out;
  }

  write_request remove(const std::string& key, session_version version, const write_basis&) const override {
    write_request out = request_on(key);
    on_version(out, version);
    add_names(out, aliases());
    return out;
  }

 private:
  write_request request_on(const std::string& key) const {
    write_request out;
    out.key = key_item(key);
    return out;
  }
  static void on_version(write_request& out, session_version expected) {
    out.condition = "#v = :x";
    out.values.emplace(":x", attribute::number(expected));
  }
};

}  // namespace

std::unique_ptr<item_schema> make_mooring_schema() {
  return std::make_unique<mooring_schema>();
}

}  // namespace mooring::sessiond
