// The region's state, as a file that another version, an operator or a bad disk may have written.
// This code should never throw, for any input; what is taken can be written and read again.
#include "fuzz.hpp"
#include "mooring/base/region_name.hpp"
#include "mooring/region_file/epoch_guard.hpp"
#include "mooring/region_file/region_codec.hpp"

using mooring::fuzz::must;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto state = mooring::parse_region_state(mooring::fuzz::text_of(data, size));
  if (!state) {
    must(!state.error().detail().empty(), "a refusal says why");
    return 0;
  }
  must(state->epoch >= 1 && state->epoch <= mooring::largest_epoch, "an epoch leaves room for the next");
  must(state->regions.count(state->active) == 1, "the active region is listed");
  for (const auto& [name, standing] : state->regions)
    must(mooring::is_region_name(name), "a region has a region's name");

  const auto text = mooring::encode(*state);
  must(text.has_value() && text->size() <= mooring::max_region_file_bytes, "what was read can be written");
  const auto again = mooring::parse_region_state(*text);
  must(again.has_value() && *mooring::encode(*again) == *text, "what was written reads the same");

  mooring::epoch_guard guard;
  must(guard.admit(*state).has_value() && *guard.admit(*state) == mooring::epoch_guard::repeated, "admitted once");
  return 0;
}
