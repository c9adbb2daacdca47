#include "sessiond/store/packing.hpp"

#include <zstd.h>

namespace mooring::sessiond {
namespace {

// zstd's own default: a session of 3 KB takes some tens of microseconds, higher levels gain no unit on such.
constexpr int level = 3;

error damaged(const char* how) {
  return error(errc::bad_data, std::string("the stored session's zstd frame ") + how);
}

}  // namespace

std::string pack(std::string_view data) {
  std::string out(ZSTD_compressBound(data.size()), '\0');
  const std::size_t size = ZSTD_compress(out.data(), out.size(), data.data(), data.size(), level);
  // With room for the bound it fails only without memory; larger than the data, it is never chosen.
  if (ZSTD_isError(size)) return out;
  out.resize(size);
  return out;
}

result<std::string> unpack(std::string_view frame, std::size_t limit) {
  const unsigned long long content = ZSTD_getFrameContentSize(frame.data(), frame.size());
  if (content == ZSTD_CONTENTSIZE_ERROR) return damaged("does not parse");
  if (content == ZSTD_CONTENTSIZE_UNKNOWN) return damaged("does not say how much it holds");
  if (content == 0) return damaged("holds nothing");
  if (content > limit) return damaged("holds more than a session may");
  if (ZSTD_findFrameCompressedSize(frame.data(), frame.size()) != frame.size()) return damaged("is cut or has a tail");
  std::string out(static_cast<std::size_t>(content), '\0');
  const std::size_t size = ZSTD_decompress(out.data(), out.size(), frame.data(), frame.size());
  if (ZSTD_isError(size) || size != out.size()) return damaged("is corrupted");
  return out;
}

}  // namespace mooring::sessiond
