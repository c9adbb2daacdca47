// RESP2 replies out of a byte stream, as a client of sessiond reads them. Pure.
//
//   while (!(reply = take_reply(received))) receive_more(received);
//
// The bytes may be cut anywhere, and may be another program's: what cannot become a reply is known for that as early as
// possible, and no length is believed over its limit. A reply in a reply is none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mooring/base/error.hpp"

namespace mooring {

// SESSION.OPEN gives two; nothing that is read here gives more than this.
constexpr std::size_t max_reply_elements = 16;
// A bulk is a session's data, INFO or METRICS.
constexpr std::size_t max_reply_bulk_bytes = 1024 * 1024;
// Simple replies and errors; without their line end.
constexpr std::size_t max_reply_line_bytes = 4096;

struct resp_reply {
  enum class kind { simple, error, integer, bulk, nil, array };
  kind type = kind::nil;
  std::string text;  // of simple, error and bulk
  std::int64_t number = 0;
  std::vector<resp_reply> elements;  // of an array; none of them is an array
};

// Takes the first reply off `bytes`. Nothing, and `bytes` as they were, while more have to come; errc::bad_data when
// these are not a reply's and whatever follows will not make them one.
std::optional<result<resp_reply>> take_reply(std::string_view& bytes);

}  // namespace mooring
