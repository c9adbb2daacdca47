// RESP2 replies, appended to a string. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mooring {

class resp_writer {
 public:
  explicit resp_writer(std::string& out) : out_(out) {}

  void ok() { simple("OK"); }
  void simple(std::string_view text) { line('+', text); }
  // Always "-ERR text": php-redis throws out of session_start() for every other prefix.
  void error(std::string_view text) { line('-', std::string("ERR ").append(text)); }
  void integer(std::int64_t value) { line(':', std::to_string(value)); }
  void nil() { out_.append("$-1\r\n"); }
  void array(std::size_t count) { line('*', std::to_string(count)); }
  void bulk(std::string_view bytes) {
    line('$', std::to_string(bytes.size()));
    out_.append(bytes).append("\r\n");
  }

 private:
  // Line breaks in foreign text would end the reply early.
  void line(char marker, std::string_view text) {
    out_.push_back(marker);
    for (const char c : text)
      out_.push_back(c == '\r' || c == '\n' ? ' ' : c);
    out_.append("\r\n");
  }

  std::string& out_;
};

}  // namespace mooring
