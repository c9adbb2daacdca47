// What the sidecar's check reads from a socket behind which any program may sit.
// This code should never throw, for any input; and a reply that is complete stays what it is when more bytes follow.
#include "fuzz.hpp"
#include "sidecar/check/sessiond_reply.hpp"

using mooring::fuzz::must;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const mooring::fuzz::cut_stream input(mooring::fuzz::text_of(data, size));
  const auto whole = mooring::sidecar::parse_sessiond_reply(input.whole);
  if (whole && !*whole) must(!whole->error().detail().empty(), "an error says why");
  std::size_t received = 0;
  for (const auto piece : input.pieces) {
    received += piece.size();
    const auto early = mooring::sidecar::parse_sessiond_reply(input.whole.substr(0, received));
    if (!early || !*early) continue;
    must(whole && *whole && **early == **whole, "later bytes do not change a complete reply");
    must((*early)->size() <= received, "the metrics are bytes that were received");
  }
  return 0;
}
