#include "mooring/aws/dynamo_wire.hpp"

#include <openssl/evp.h>

#include <charconv>

#include "mooring/base/json.hpp"

namespace mooring {
namespace {

using nlohmann::json;

json to_json(const attribute& from) {
  switch (from.type) {
    case attribute::kind::text:
      return json{{"S", from.value}};
    case attribute::kind::number:
      return json{{"N", from.value}};
    case attribute::kind::binary:
      return json{{"B", base64_encode(from.value)}};
    case attribute::kind::other:
      break;
  }
  return json{{"NULL", true}};
}

json to_json(const item& from) {
  json out = json::object();
  for (const auto& [name, value] : from)
    out[name] = to_json(value);
  return out;
}

void add_expressions(json& body, const std::string& condition, const std::map<std::string, std::string>& names,
                     const item& values) {
  if (!condition.empty()) body["ConditionExpression"] = condition;
  if (!names.empty()) body["ExpressionAttributeNames"] = names;
  if (!values.empty()) body["ExpressionAttributeValues"] = to_json(values);
}

// Session data may be no UTF-8 where a text attribute is asked for; replacing beats throwing on foreign bytes.
std::string dump(const json& body) {
  return json_line(body);
}

std::optional<attribute> attribute_from(const json& from) {
  if (!from.is_object() || from.size() != 1) return std::nullopt;
  const auto entry = from.begin();
  const std::string& type = entry.key();
  const json& value = entry.value();
  if (type != "S" && type != "N" && type != "B") return attribute();
  if (!value.is_string()) return std::nullopt;
  const auto& text = value.get_ref<const std::string&>();
  if (type == "S") return attribute(attribute::kind::text, text);
  if (type == "N") return attribute(attribute::kind::number, text);
  auto bytes = base64_decode(text);
  if (!bytes) return std::nullopt;
  return attribute(attribute::kind::binary, std::move(*bytes));
}

std::optional<item> item_from(const json& from) {
  if (!from.is_object()) return std::nullopt;
  item out;
  for (const auto& [name, value] : from.items()) {
    auto read = attribute_from(value);
    if (!read) return std::nullopt;
    out.emplace(name, std::move(*read));
  }
  return out;
}

double capacity_in(const json& from) {
  const auto capacity = from.find("ConsumedCapacity");
  if (capacity == from.end() || !capacity->is_object()) return 0;
  const auto units = capacity->find("CapacityUnits");
  return units != capacity->end() && units->is_number() ? units->get<double>() : 0;
}

}  // namespace

std::optional<std::int64_t> number_in(const item& from, const std::string& name) {
  const auto found = from.find(name);
  if (found == from.end() || found->second.type != attribute::kind::number) return std::nullopt;
  const std::string& text = found->second.value;
  std::int64_t out = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return out;
}

std::string encode(const get_request& request) {
  json body{{"TableName", request.table},
            {"Key", to_json(request.key)},
            {"ConsistentRead", request.consistent},
            {"ReturnConsumedCapacity", "TOTAL"}};
  if (!request.projection.empty()) body["ProjectionExpression"] = request.projection;
  add_expressions(body, "", request.names, {});
  return dump(body);
}

std::string encode(const write_request& request) {
  json body{{"TableName", request.table}, {"Key", to_json(request.key)}, {"ReturnConsumedCapacity", "TOTAL"}};
  if (!request.update.empty()) body["UpdateExpression"] = request.update;
  if (request.update.empty() || request.return_new) body["ReturnValues"] = request.return_new ? "ALL_NEW" : "ALL_OLD";
  if (!request.condition.empty()) body["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD";
  add_expressions(body, request.condition, request.names, request.values);
  return dump(body);
}

result<decoded_answer> decode_answer(std::string_view body) {
  const json parsed = parse_json(body);
  if (!parsed.is_object()) return error(errc::bad_data, "the answer is not a JSON object");
  decoded_answer out;
  out.capacity_units = capacity_in(parsed);
  for (const char* key : {"Item", "Attributes"}) {
    const auto found = parsed.find(key);
    if (found == parsed.end()) continue;
    out.found = item_from(*found);
    if (!out.found) return error(errc::bad_data, std::string("the answer's ") + key + " does not parse");
  }
  return out;
}

std::string base64_encode(std::string_view bytes) {
  std::string out(4 * ((bytes.size() + 2) / 3), '\0');
  // EVP_EncodeBlock also writes a final zero, for which std::string keeps room.
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), reinterpret_cast<const unsigned char*>(bytes.data()),
                  static_cast<int>(bytes.size()));
  return out;
}

std::optional<std::string> base64_decode(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  if (text.empty()) return std::string();
  std::string out(text.size() / 4 * 3, '\0');
  const int written =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()), reinterpret_cast<const unsigned char*>(text.data()),
                      static_cast<int>(text.size()));
  if (written < 0) return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && text[text.size() - 1 - padding] == '=')
    ++padding;
  out.resize(static_cast<std::size_t>(written) - padding);
  return out;
}

}  // namespace mooring
