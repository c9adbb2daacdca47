// The configuration file, as a person or a template may have written it.
// This code should never throw, for any input: each mistake is a fault of one line.
#include "fuzz.hpp"
#include "mooring/settings/settings.hpp"

using mooring::fuzz::must;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = mooring::fuzz::text_of(data, size);
  // The only setting that reads another file; the fuzzer shall not wander through the machine's.
  if (text.find("password_file") != std::string_view::npos) return 0;
  const auto nothing_set = [](const std::string&) -> std::optional<std::string> { return std::nullopt; };
  const auto loaded = mooring::load_settings_from_text(text, nothing_set);
  for (const auto& fault : loaded.faults)
    must(fault.starts_with("settings"), "a fault begins with the place");
  if (!loaded.faults.empty()) return 0;
  must(mooring::parse_host_port(loaded.values.sidecar.listen).has_value(), "faultless settings can be listened on");
  must(!loaded.values.region.primary.empty(), "faultless settings name a region");
  return 0;
}
