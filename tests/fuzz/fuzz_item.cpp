// Stored sessions: a DynamoDB answer whose item any program with access to the table may have written.
// This code should never throw, for any input.
#include "fuzz.hpp"
#include "mooring/aws/dynamo_wire.hpp"
#include "sessiond/store/item_codec.hpp"

using mooring::fuzz::must;
using namespace mooring::sessiond;

namespace {

constexpr std::int64_t now = 1'700'000'000;
constexpr std::int64_t now_ms = now * 1000;

const session_requests requests("sessions", lease_terms("a node", std::chrono::seconds(15)));

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto answer = mooring::decode_answer(mooring::fuzz::text_of(data, size));
  if (!answer || !answer->found) return 0;
  const auto live = session_from(*answer->found, now);
  if (!live || !*live) return 0;
  must((*live)->expires > now, "an expired session is not live");
  requests.terms().held_elsewhere(*answer->found, now_ms);
  must((*live)->data.size() <= size, "data is no larger than its base64");

  session_write again;
  again.data = (*live)->data;
  again.expected = (*live)->version;
  again.expires = (*live)->expires;
  again.lease = lease_after::release;
  must(!mooring::encode(requests.save("PHPSESSID:k", again, now_ms)).empty(), "a live session can be saved");
  return 0;
}
