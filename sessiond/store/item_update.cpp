#include "sessiond/store/item_update.hpp"

#include <algorithm>

namespace mooring::sessiond {
namespace {

void append(std::string& list, const char* separator, const std::string& part) {
  if (!list.empty()) list += separator;
  list += part;
}

}  // namespace

std::string item_update::name(const std::string& attribute_name) {
  auto& names = request_.names;
  const auto known = std::find_if(names.begin(), names.end(),
                                  [&attribute_name](const auto& alias) { return alias.second == attribute_name; });
  if (known != names.end()) return known->first;
  return names.emplace("#n" + std::to_string(names.size()), attribute_name).first->first;
}

std::string item_update::value(attribute of) {
  auto& values = request_.values;
  return values.emplace(":v" + std::to_string(values.size()), std::move(of)).first->first;
}

void item_update::set(const std::string& attribute_name, attribute to) {
  assigned_[attribute_name] = to;
  append(sets_, ", ", name(attribute_name) + " = " + value(std::move(to)));
}

void item_update::remove(const std::string& attribute_name) {
  removed_.push_back(attribute_name);
  append(removes_, ", ", name(attribute_name));
}

void item_update::require(const std::string& condition) {
  append(request_.condition, " AND ", condition);
}

write_request item_update::request() const {
  write_request out = request_;
  if (!sets_.empty()) out.update = "SET " + sets_;
  if (!removes_.empty()) append(out.update, " ", "REMOVE " + removes_);
  return out;
}

}  // namespace mooring::sessiond
