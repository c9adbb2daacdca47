// What the sidecar reads that is not its own words: the operator's line, and the memory file after damage.
#include "fuzz.hpp"
#include "sidecar/control/control_command.hpp"
#include "sidecar/driver/memory_codec.hpp"

using namespace mooring;
using namespace mooring::sidecar;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  const auto command = parse_control_command(text);
  if (command) {
    if (const auto* pin = std::get_if<pin_command>(&*command)) fuzz::must(pin->seconds > 0, "a pin has a time");
    if (const auto* drill = std::get_if<drill_command>(&*command))
      fuzz::must(drill->seconds > 0 && !drill->region.empty(), "a drill has a region and a time");
  }
  const auto memory = parse_memory(text);
  if (memory) {
    fuzz::must(memory->epoch <= largest_epoch, "an epoch has its limit");
    const auto again = parse_memory(encode_memory(*memory));
    fuzz::must(again.has_value(), "what was read can be written and read");
  }
  return 0;
}
