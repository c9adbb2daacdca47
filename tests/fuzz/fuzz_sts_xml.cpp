// Answers of AWS's Security Token Service.
// This code should never throw, for any input.
#include "fuzz.hpp"
#include "src/credentials/key_rules.hpp"
#include "src/credentials/sts_xml.hpp"

using mooring::fuzz::must;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = mooring::fuzz::text_of(data, size);
  if (const auto leaves = mooring::leaves_of_xml(text)) {
    must(!leaves->empty() && leaves->size() <= mooring::most_xml_leaves, "a document has leaves, within the limit");
    for (const auto& leaf : *leaves)
      must(!leaf.path.empty() && leaf.text.size() <= text.size(),
           "a leaf has a path and is no larger than its document");
  }
  for (const char* action : {"AssumeRole", "AssumeRoleWithWebIdentity"}) {
    const auto found = mooring::credentials_in_sts_xml(text, action);
    if (!found) continue;
    must(found->expires.has_value() && !found->keys.session_token.empty(), "all four fields are there");
    must(mooring::check_keys(found->keys, "fuzz").has_value(), "keys may go into a header");
  }
  const auto failure = mooring::failure_in_sts_xml(text);
  must((failure.code + failure.message).find('\n') == std::string::npos, "a reason is of one line");
  return 0;
}
