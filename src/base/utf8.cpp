#include "mooring/base/utf8.hpp"

namespace mooring {
namespace {

struct lead_byte {
  int trailing;         // bytes that follow; -1: no character begins so
  unsigned char least;  // of the first of them
  unsigned char most;
};

lead_byte classify(unsigned char first) {
  if (first < 0x80) return {0, 0, 0};
  if (first < 0xC2) return {-1, 0, 0};
  if (first < 0xE0) return {1, 0x80, 0xBF};
  if (first == 0xE0) return {2, 0xA0, 0xBF};
  if (first == 0xED) return {2, 0x80, 0x9F};
  if (first < 0xF0) return {2, 0x80, 0xBF};
  if (first == 0xF0) return {3, 0x90, 0xBF};
  if (first < 0xF4) return {3, 0x80, 0xBF};
  if (first == 0xF4) return {3, 0x80, 0x8F};
  return {-1, 0, 0};
}

}  // namespace

bool is_utf8(std::string_view bytes) {
  while (!bytes.empty()) {
    const lead_byte lead = classify(static_cast<unsigned char>(bytes.front()));
    bytes.remove_prefix(1);
    if (lead.trailing < 0 || bytes.size() < static_cast<std::size_t>(lead.trailing)) return false;
    for (int i = 0; i < lead.trailing; ++i) {
      const auto byte = static_cast<unsigned char>(bytes.front());
      if (byte < (i == 0 ? lead.least : 0x80) || byte > (i == 0 ? lead.most : 0xBF)) return false;
      bytes.remove_prefix(1);
    }
  }
  return true;
}

}  // namespace mooring
