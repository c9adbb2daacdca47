// Credentials as JSON: of a process, a container and an instance. Expiry times are parsed with them.
// This code should never throw, for any input.
#include "fuzz.hpp"
#include "src/credentials/iso_time.hpp"
#include "src/credentials/json_answer.hpp"
#include "src/credentials/key_rules.hpp"

using mooring::json_dialect;
using mooring::fuzz::must;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = mooring::fuzz::text_of(data, size);
  for (const auto dialect : {json_dialect::process, json_dialect::container, json_dialect::instance}) {
    const auto found = mooring::credentials_in_json(text, dialect, "fuzz");
    if (!found) continue;
    must(mooring::check_keys(found->keys, "fuzz").has_value(), "keys may go into a header");
    must(found->expires.has_value() || dialect == json_dialect::process, "only a process gives keys for good");
  }
  must(mooring::failure_in_json(text).find('\n') == std::string::npos, "a reason is of one line");
  if (const auto time = mooring::parse_iso_time(text))
    must(mooring::parse_iso_time(mooring::format_iso_time(*time)) == time, "a time is written as it was read");
  return 0;
}
