// Session names and ids, "name=id" as in a visitor's cookie.
// This code should never throw, for any input.
#include "fuzz.hpp"
#include "sessiond/store/session_key.hpp"

using mooring::fuzz::must;

namespace {

constexpr std::size_t sha256_digits = 64;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto id = mooring::fuzz::text_of(data, size);
  const auto name = mooring::fuzz::take_until(id, '=');
  const auto key = mooring::sessiond::session_key(name, id, mooring::sessiond::hashed_key);
  const auto plain = mooring::sessiond::session_key(name, id, mooring::sessiond::sdk_key);
  must(key.has_value() == plain.has_value(), "names and ids are valid whatever the form of the key");
  if (!key) {
    must(key.error().code() == mooring::errc::invalid_argument, "only names and ids are wrong");
    return 0;
  }
  must(!id.empty() && id.size() <= mooring::sessiond::max_id_bytes, "ids have their limit");
  must(!name.empty() && name.size() <= mooring::sessiond::max_name_bytes, "names have their limit");
  must(mooring::sessiond::checked_session_key(*key, mooring::sessiond::hashed_key).has_value() &&
           mooring::sessiond::checked_session_key(*plain, mooring::sessiond::sdk_key).has_value(),
       "keys have the form of keys");
  must(plain->ends_with(id) && !plain->starts_with('_'), "a key of the SDK ends with the id");
  must(key->size() == name.size() + 1 + sha256_digits && key->starts_with(name), "a key is name:sha256");
  must(key->find(id, name.size()) == std::string::npos || id.size() < 8, "a key does not show the id");
  return 0;
}
