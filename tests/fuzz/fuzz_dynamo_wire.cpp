// DynamoDB's answers, and base64 in them, as a broken proxy or another service on that port may send them.
// This code should never throw, for any input.
#include "fuzz.hpp"
#include "mooring/aws/dynamo_wire.hpp"

using mooring::fuzz::must;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = mooring::fuzz::text_of(data, size);
  must(mooring::base64_decode(mooring::base64_encode(text)) == text, "base64 gives back what it was given");
  const auto bytes = mooring::base64_decode(text);
  must(!bytes || bytes->size() <= size / 4 * 3, "base64 does not invent bytes");

  const auto answer = mooring::decode_answer(text);
  if (!answer || !answer->found) return 0;
  mooring::write_request again;
  again.update = "SET #a = :a";
  again.key = again.values = *answer->found;
  must(!mooring::encode(again).empty(), "what was read can be written");
  return 0;
}
