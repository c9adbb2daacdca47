// RESP2 requests out of a byte stream: arrays of bulk strings, nothing else.
//
// https://redis.io/docs/latest/develop/reference/protocol-spec/
// Sans I/O: write received bytes into prepare(), tell how many with commit(), take requests with next(). It does not
// matter how the bytes are cut. Limits are checked before anything is allocated. After an error the stream has no
// meaning any more: answer and close. Inline commands are refused, so that foreign protocols fail at their first byte;
// but for a bare PING, with which redis-benchmark begins.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "mooring/base/error.hpp"

namespace mooring {

constexpr std::size_t max_arguments = 64;
constexpr std::size_t max_bulk_bytes = 512 * 1024;  // above DynamoDB's 400 KB item
constexpr std::size_t max_request_bytes = max_bulk_bytes + 16 * 1024;
constexpr std::size_t max_header_digits = 12;

using resp_request = std::vector<std::string>;

class resp_parser {
 public:
  // Room for the next bytes: at least one page, at most what the current argument still lacks or has received.
  std::span<char> prepare();
  void commit(std::size_t count);

  enum class step { request, need_more, malformed };

  // request: take() has it. malformed: fault() says why; every further call says the same.
  step next();
  resp_request take();
  const std::string& fault() const { return fault_; }

 private:
  step read_header(char marker, std::size_t limit, std::size_t& value);
  step read_bulk();
  step read_inline_ping();
  step fail(std::string why);
  void forget_consumed();

  std::string buffer_;        // received bytes and, behind them, prepared room
  std::size_t filled_ = 0;    // how much of buffer_ is received
  std::size_t position_ = 0;  // how much of that is parsed
  std::size_t missing_arguments_ = 0;
  std::size_t bulk_size_ = 0;
  std::size_t request_bytes_ = 0;
  bool in_bulk_ = false;
  resp_request request_;
  std::string fault_;
};

}  // namespace mooring
