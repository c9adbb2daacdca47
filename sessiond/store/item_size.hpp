// How DynamoDB measures items, which is what it charges by.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
#pragma once

#include <cstddef>

#include "mooring/aws/dynamo_types.hpp"

namespace mooring::sessiond {

constexpr std::size_t write_unit_bytes = 1024;

// The names in UTF-8 and the values: text and binary by their bytes, a number by one byte for two digits and one more.
std::size_t item_bytes(const item& from);

// Begun units count.
std::size_t write_units(std::size_t item_bytes);

// Whether an item is cheaper to write packed. Less is not enough: 3,000 bytes cost as much as 2,100.
bool saves_a_write_unit(std::size_t plain_item_bytes, std::size_t packed_item_bytes);

}  // namespace mooring::sessiond
