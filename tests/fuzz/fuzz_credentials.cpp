// AWS's shared credentials file: the first line is the profile, the rest the file.
// This code should never throw, for any input.
#include "fuzz.hpp"
#include "mooring/aws/credentials.hpp"

using mooring::shared_file;
using mooring::fuzz::must;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto text = mooring::fuzz::text_of(data, size);
  const auto profile = mooring::fuzz::take_until(text, '\n');
  for (const auto kind : {shared_file::credentials, shared_file::config}) {
    const auto keys = mooring::profile_keys(text, profile, kind);
    if (!keys) continue;
    must(!keys->access_key_id.empty() && !keys->secret_access_key.empty(), "keys come in pairs");
    for (const auto& value : {keys->access_key_id, keys->secret_access_key, keys->session_token})
      must(value.find_first_of("\r\n") != 0 && value.find('\n') == std::string::npos, "a key is of one line");
  }
  return 0;
}
