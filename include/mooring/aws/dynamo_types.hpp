// The part of DynamoDB's data model that Mooring uses, as plain values.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace mooring {

struct attribute {
  enum class kind { text, number, binary, other };
  kind type = kind::other;  // other: a type that Mooring neither reads nor writes
  std::string value;        // binary is raw bytes here, base64 only on the wire

  static attribute text(std::string v) { return attribute(kind::text, std::move(v)); }
  static attribute binary(std::string v) { return attribute(kind::binary, std::move(v)); }
  static attribute number(std::int64_t v) { return attribute(kind::number, std::to_string(v)); }

  attribute() = default;
  attribute(kind t, std::string v) : type(t), value(std::move(v)) {}
  bool operator==(const attribute&) const = default;
};

using item = std::map<std::string, attribute>;

// The whole number in attribute `name`; nothing when it is absent, of another type, or does not fit 64 bits.
std::optional<std::int64_t> number_in(const item& from, const std::string& name);

struct get_request {
  std::string table;
  item key;
  bool consistent = true;
  std::string projection;  // empty: all attributes
  std::map<std::string, std::string> names;
};

// One UpdateItem (update not empty) or DeleteItem (update empty). When the condition fails the stored item is returned.
struct write_request {
  std::string table;
  item key;
  std::string update;
  std::string condition;
  std::map<std::string, std::string> names;
  item values;
  bool return_new = false;  // an update answers with the whole item as it is then
};

struct write_outcome {
  bool condition_held = true;
  // What was stored before a delete, what stood in the way of the condition (empty: there was no item), or, where it
  // was asked for, the item after an update.
  item stored;
};

}  // namespace mooring
