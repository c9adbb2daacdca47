// What the fuzz targets share: their input as text, an input that also says how it is cut, and a check that stops.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace mooring::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return std::string_view(reinterpret_cast<const char*>(data), size);
}

// A check that asserts would lose in an optimised build.
inline void must(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n", promise);
  std::abort();
}

// The part of `text` before `mark`, which is taken away together with it; all of it when there is no mark.
inline std::string_view take_until(std::string_view& text, char mark) {
  const auto end = std::min(text.find(mark), text.size());
  const auto head = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return head;
}

// The first line holds the lengths, in letters (A = 1) and over and over again, into which the rest is cut:
// "AC\n12345678" is 1 234 5 678. An empty line, or another sign, leaves one piece.
struct cut_stream {
  std::string_view whole;
  std::vector<std::string_view> pieces;

  explicit cut_stream(std::string_view input) {
    const auto lengths = take_until(input, '\n');
    whole = input;
    for (std::size_t turn = 0; !input.empty(); ++turn) {
      const char letter = lengths.empty() ? '\0' : lengths[turn % lengths.size()];
      const std::size_t wanted =
          letter >= 'A' && letter <= 'z' ? static_cast<std::size_t>(letter - 'A' + 1) : input.size();
      pieces.push_back(input.substr(0, wanted));
      input.remove_prefix(std::min(wanted, input.size()));
    }
  }
};

}  // namespace mooring::fuzz
