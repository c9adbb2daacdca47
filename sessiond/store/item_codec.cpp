#include "sessiond/store/item_codec.hpp"

#include "mooring/aws/dynamo_table.hpp"

namespace mooring::sessiond {
namespace {

// Several of these are reserved words in expressions, so all go by alias.
const std::map<std::string, std::string> aliases{
    {"#k", partition_key_name}, {"#d", "data"},         {"#e", ttl_attribute_name}, {"#v", "ver"}, {"#c", "enc"},
    {"#o", lock_owner_name},    {"#u", lock_until_name}};

void name_aliases(write_request& request) {
  const std::string text = request.update + " " + request.condition;
  for (const auto& [alias, name] : aliases)
    if (text.find(alias) != std::string::npos) request.names.emplace(alias, name);
}

// "SET a, b REMOVE c, d" from its two lists.
std::string update_of(const std::string& sets, const std::string& removes) {
  return sets.empty() ? "REMOVE " + removes : "SET " + sets + (removes.empty() ? "" : " REMOVE " + removes);
}

constexpr std::int64_t ms_per_second = 1000;

}  // namespace

item key_item(const std::string& key) {
  item out;
  out.emplace(partition_key_name, attribute::text(key));
  return out;
}

result<std::optional<stored_session>> session_from(const item& stored, std::int64_t now) {
  std::optional<stored_session> live;
  if (stored.empty()) return live;
  const auto expires = number_in(stored, ttl_attribute_name);
  const auto version = number_in(stored, "ver");
  if (!expires || !version)
    return error(errc::bad_data, "the stored item has no valid expires and ver; another program wrote it");
  if (*expires <= now) return live;
  if (stored.count("enc") != 0)
    return error(errc::bad_data, "the stored session is encoded by a newer version; upgrade this node");
  live.emplace();
  live->version = *version;
  live->expires = *expires;
  const auto data = stored.find("data");
  if (data == stored.end()) return live;
  if (data->second.type != attribute::kind::binary)
    return error(errc::bad_data, "the stored data is not binary; another program wrote it");
  live->data = data->second.value;
  return live;
}

result<void> check_size(const std::string& data) {
  if (data.size() <= max_data_bytes) return {};
  return error(errc::too_large, "session of " + std::to_string(data.size()) + " bytes is over the limit of " +
                                    std::to_string(max_data_bytes) + "; the stored session is unchanged");
}

write_request session_requests::start(const std::string& key) const {
  write_request out;
  out.table = table_;
  out.key = key_item(key);
  return out;
}

get_request session_requests::load(const std::string& key) const {
  get_request out;
  out.table = table_;
  out.key = key_item(key);
  return out;
}

get_request session_requests::exists(const std::string& key) const {
  get_request out = load(key);
  out.projection = "#e";
  out.names.emplace("#e", ttl_attribute_name);
  return out;
}

void session_requests::set_lease(write_request& to, std::int64_t now_ms) const {
  to.values.emplace(":o", attribute::text(terms_.owner()));
  to.values.emplace(":u", attribute::number(now_ms + terms_.time().count()));
}

void session_requests::require_own_lease(write_request& to) const {
  to.condition += " AND (attribute_not_exists(#o) OR begins_with(#o, :p) OR #u <= :m)";
  to.values.emplace(":p", attribute::text(terms_.node_prefix()));
}

void session_requests::add_lease(write_request& to, lease_after lease, std::int64_t now_ms) const {
  if (lease == lease_after::not_used) return;
  require_own_lease(to);
  to.values.emplace(":m", attribute::number(now_ms));
  if (lease == lease_after::keep) set_lease(to, now_ms);
}

write_request session_requests::save(const std::string& key, const session_write& write, std::int64_t now_ms) const {
  write_request out = start(key);
  std::string sets = "#e = :e, #v = :v";
  std::string removes = "#c";
  (write.data.empty() ? removes : sets) += write.data.empty() ? ", #d" : ", #d = :d";
  if (write.lease == lease_after::keep) sets += ", #o = :o, #u = :u";
  if (write.lease == lease_after::release) removes += ", #o, #u";
  out.update = update_of(sets, removes);
  out.values.emplace(":e", attribute::number(write.expires));
  out.values.emplace(":v", attribute::number(write.version));
  if (!write.data.empty()) out.values.emplace(":d", attribute::binary(write.data));
  if (write.expected == no_version) {
    out.condition = "(attribute_not_exists(#k) OR #e <= :n)";
    out.values.emplace(":n", attribute::number(now_ms / ms_per_second));
  } else {
    out.condition = "#v = :x";
    out.values.emplace(":x", attribute::number(write.expected));
  }
  add_lease(out, write.lease, now_ms);
  name_aliases(out);
  return out;
}

write_request session_requests::touch(const std::string& key, const session_touch& touch, std::int64_t now_ms) const {
  write_request out = start(key);
  const std::string sets = touch.lease == lease_after::keep ? "#e = :e, #o = :o, #u = :u" : "#e = :e";
  out.update = update_of(sets, touch.lease == lease_after::release ? "#o, #u" : "");
  out.condition = "#v = :x";
  out.values.emplace(":e", attribute::number(touch.expires));
  out.values.emplace(":x", attribute::number(touch.version));
  add_lease(out, touch.lease, now_ms);
  name_aliases(out);
  return out;
}

write_request session_requests::remove(const std::string& key, session_version version) const {
  write_request out = start(key);
  out.condition = "#v = :x";
  out.values.emplace(":x", attribute::number(version));
  name_aliases(out);
  return out;
}

write_request session_requests::acquire(const std::string& key, std::int64_t now_ms) const {
  write_request out = start(key);
  out.update = "SET #o = :o, #u = :u";
  out.condition = "#e > :n";
  out.values.emplace(":n", attribute::number(now_ms / ms_per_second));
  out.return_new = true;
  add_lease(out, lease_after::keep, now_ms);
  name_aliases(out);
  return out;
}

write_request session_requests::renew(const std::string& key, std::int64_t now_ms) const {
  write_request out = start(key);
  out.update = "SET #o = :o, #u = :u";
  out.condition = "#o = :o";
  set_lease(out, now_ms);
  name_aliases(out);
  return out;
}

write_request session_requests::release(const std::string& key) const {
  write_request out = start(key);
  out.update = "REMOVE #o, #u";
  out.condition = "#o = :o";
  out.values.emplace(":o", attribute::text(terms_.owner()));
  name_aliases(out);
  return out;
}

}  // namespace mooring::sessiond
