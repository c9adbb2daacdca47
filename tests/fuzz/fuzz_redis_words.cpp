// The words of Redis clients: keys, options of SET and scripts, as any local process may send them.
// This code should never throw, for any input. An input is one request, a word on each line.
#include "fuzz.hpp"
#include "sessiond/redis/key_map.hpp"
#include "sessiond/redis/release_script.hpp"
#include "sessiond/redis/set_options.hpp"

using namespace mooring::sessiond;
using mooring::resp_request;
using mooring::fuzz::must;

namespace {

resp_request words_of(std::string_view text) {
  resp_request out(1);
  for (const char c : text)
    if (c == '\n')
      out.emplace_back();
    else
      out.back().push_back(c);
  return out;
}

void check_key(const key_map& keys, const std::string& key) {
  const auto found = keys.locate(key);
  if (!found) return;
  const std::string rest = found->is_lock ? found->id + "_LOCK" : found->id;
  must(key.size() >= rest.size() && key.substr(key.size() - rest.size()) == rest, "the id is the key's end");
  must(!found->name.empty(), "a session has a name");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const resp_request request = words_of(mooring::fuzz::text_of(data, size));
  const key_map keys(std::map<std::string, std::string>{{"PHPREDIS_SESSION:", "PHPSESSID"}, {"sess_", "PHPSESSID"}});
  for (const auto& word : request)
    check_key(keys, word);
  const auto options = parse_set_options(request);
  if (options && options->life) must(whole_seconds(*options->life) > 0, "a life is positive");
  if (const auto call = recognise_release(request)) must(call->lock_key == request[3], "the key is the fourth word");
  return 0;
}
