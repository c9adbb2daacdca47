#include "sessiond/store/item_size.hpp"

#include <algorithm>

namespace mooring::sessiond {

std::size_t item_bytes(const item& from) {
  std::size_t out = 0;
  for (const auto& [name, value] : from) {
    const bool number = value.type == attribute::kind::number;
    out += name.size() + (number ? (value.value.size() + 1) / 2 + 1 : value.value.size());
  }
  return out;
}

std::size_t write_units(std::size_t bytes) {
  return std::max<std::size_t>(1, (bytes + write_unit_bytes - 1) / write_unit_bytes);
}

bool saves_a_write_unit(std::size_t plain_item_bytes, std::size_t packed_item_bytes) {
  return write_units(packed_item_bytes) < write_units(plain_item_bytes);
}

}  // namespace mooring::sessiond
