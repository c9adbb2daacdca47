// The writing of update requests, shared by the schemas.
#pragma once

#include <map>
#include <string>

#include "mooring/aws/dynamo_types.hpp"

namespace mooring::sessiond {

// Attribute names by the alias that expressions use, because several are reserved words.
using attribute_aliases = std::map<std::string, std::string>;

// Adds the names that `request` mentions, which is all that DynamoDB accepts. No alias may be the beginning of another.
inline void add_names(write_request& request, const attribute_aliases& aliases) {
  const std::string text = request.update + " " + request.condition;
  for (const auto& [alias, name] : aliases)
    if (text.find(alias) != std::string::npos) request.names.emplace(alias, name);
}

}  // namespace mooring::sessiond
