// What the benchmarks work on: a session of the size that shops have.
#pragma once

#include <cstddef>
#include <string>

namespace mooring::bench {

constexpr std::size_t session_bytes = 3 * 1024;

// Looks like PHP's own format, repeats itself as little as product names and prices do, and is the same in every run.
inline std::string session_data() {
  std::string out;
  unsigned value = 1;
  while (out.size() < session_bytes) {
    value = value * 1664525 + 1013904223;
    out += "i:" + std::to_string(value) + ";s:4:\"item\";";
  }
  out.resize(session_bytes);
  return out;
}

}  // namespace mooring::bench
