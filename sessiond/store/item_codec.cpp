#include "sessiond/store/item_codec.hpp"

#include "mooring/aws/dynamo_table.hpp"

namespace mooring::sessiond {
namespace {

// Several of these are reserved words in expressions, so all go by alias.
const std::map<std::string, std::string> aliases{
    {"#k", partition_key_name}, {"#d", "data"}, {"#e", ttl_attribute_name}, {"#v", "ver"}, {"#c", "enc"}};

std::map<std::string, std::string> aliases_in(const write_request& request) {
  std::map<std::string, std::string> used;
  const std::string text = request.update + " " + request.condition;
  for (const auto& [alias, name] : aliases)
    if (text.find(alias) != std::string::npos) used.emplace(alias, name);
  return used;
}

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

write_request save_request(const std::string& table, const std::string& key, const session_write& write,
                           std::int64_t now) {
  write_request out;
  out.table = table;
  out.key = key_item(key);
  out.update = write.data.empty() ? "SET #e = :e, #v = :v REMOVE #d, #c" : "SET #e = :e, #v = :v, #d = :d REMOVE #c";
  out.values.emplace(":e", attribute::number(write.expires));
  out.values.emplace(":v", attribute::number(write.version));
  if (!write.data.empty()) out.values.emplace(":d", attribute::binary(write.data));
  if (write.expected == no_version) {
    out.condition = "attribute_not_exists(#k) OR #e <= :n";
    out.values.emplace(":n", attribute::number(now));
  } else {
    out.condition = "#v = :x";
    out.values.emplace(":x", attribute::number(write.expected));
  }
  out.names = aliases_in(out);
  return out;
}

write_request touch_request(const std::string& table, const std::string& key, session_version version,
                            std::int64_t expires) {
  write_request out;
  out.table = table;
  out.key = key_item(key);
  out.update = "SET #e = :e";
  out.condition = "#v = :x";
  out.values.emplace(":e", attribute::number(expires));
  out.values.emplace(":x", attribute::number(version));
  out.names = aliases_in(out);
  return out;
}

write_request remove_request(const std::string& table, const std::string& key, session_version version) {
  write_request out;
  out.table = table;
  out.key = key_item(key);
  out.condition = "#v = :x";
  out.values.emplace(":x", attribute::number(version));
  out.names = aliases_in(out);
  return out;
}

}  // namespace mooring::sessiond
