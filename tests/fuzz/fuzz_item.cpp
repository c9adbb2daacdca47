// Stored sessions: a DynamoDB answer whose item any program with access to the table may have written.
// This code should never throw, for any input.
#include "fuzz.hpp"
#include "mooring/aws/dynamo_wire.hpp"
#include "sessiond/store/item_schema.hpp"
#include "sessiond/store/lease_terms.hpp"
#include "sessiond/store/packing.hpp"

using mooring::fuzz::must;
using namespace mooring;
using namespace mooring::sessiond;

namespace {

constexpr std::int64_t now = 1'700'000'000;
constexpr std::int64_t now_ms = now * 1000;

const lease_terms lease("a node", "us-east-1", std::chrono::seconds(15));

// What a schema makes of `stored`, whatever that is, and that it can write what it has read.
void read_and_write(const item_schema& schema, const item& stored) {
  const auto live = schema.session_in(stored, now);
  schema.lock_mark(stored);
  lease.held_elsewhere(stored, now_ms);
  if (!live || !*live) return;
  must((*live)->expires > now, "an expired session is not live");
  must((*live)->data.size() <= max_raw_bytes || schema.versions_can_lie(), "data that is unpacked has its limit");
  must((*live)->version == schema.version_in(stored), "an item has one version");

  session_write again;
  again.data = (*live)->data;
  again.expected = (*live)->version;
  again.expires = (*live)->expires;
  write_basis basis;
  basis.seen = stored;
  const auto update = schema.save("PHPSESSID:k", again, basis, now);
  must(!update || !encode(update->request()).empty(), "a live session can be saved");
  const auto touch = schema.touch("PHPSESSID:k", again.expected, now, basis);
  must(!encode(touch.request()).empty(), "a live session can be touched");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto mooring_items = make_mooring_schema();
  static const auto sdk_items = make_sdk_schema(sdk_settings());
  const auto text = fuzz::text_of(data, size);
  const auto unpacked = unpack(text, max_raw_bytes);
  must(!unpacked || unpacked->size() <= max_raw_bytes, "what is unpacked has its limit");
  must(text.empty() || unpack(pack(text), size).value() == text, "what is packed can be unpacked");

  const auto answer = decode_answer(text);
  if (!answer || !answer->found) return 0;
  read_and_write(*mooring_items, *answer->found);
  read_and_write(*sdk_items, *answer->found);
  return 0;
}
