#include "mooring/region_file/region_file.hpp"

#include "mooring/base/small_file.hpp"
#include "mooring/region_file/region_codec.hpp"

namespace mooring {
namespace {

constexpr ::mode_t readable_for_everybody = 0644;

}  // namespace

result<void> write_region_state(const std::string& path, const region_state& state) {
  const auto text = encode(state);
  if (!text) return error(text.error().code(), path + " is not written: " + text.error().detail());
  return replace_small_file(path, *text, readable_for_everybody);
}

result<std::optional<region_state>> read_region_state(const std::string& path) {
  const auto text = read_small_file(path, max_region_file_bytes);
  if (!text) return text.error();
  if (!*text) return std::optional<region_state>();
  auto state = parse_region_state(**text);
  if (!state) return error(state.error().code(), path + ": " + state.error().detail());
  return std::optional<region_state>(std::move(*state));
}

}  // namespace mooring
