// RESP2 replies as a client of sessiond reads them, from bytes that have all arrived. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mooring/base/error.hpp"

namespace mooring::sessiond {

// SESSION.OPEN gives two; nothing that is read here gives more than this.
constexpr std::size_t max_reply_elements = 16;

struct resp_reply {
  enum class kind { simple, error, integer, bulk, nil, array };
  kind type = kind::nil;
  std::string text;  // of simple, error and bulk
  std::int64_t number = 0;
  std::vector<resp_reply> elements;  // of an array; none of them is an array
};

// Takes the first reply off `bytes`. errc::bad_data when they do not begin with a whole one.
result<resp_reply> take_reply(std::string_view& bytes);

}  // namespace mooring::sessiond
