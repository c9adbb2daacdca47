// Replies as mooringctl and the sidecar's check read them from a socket that may be another program's.
// This code should never throw, for any input; and a reply that is complete stays what it is when more bytes follow.
#include "fuzz.hpp"
#include "mooring/resp/reply.hpp"
#include "mooring/resp/writer.hpp"

using mooring::resp_reply;
using mooring::fuzz::must;

namespace {

bool is_same(const resp_reply& one, const resp_reply& other) {
  return one.type == other.type && one.text == other.text && one.number == other.number;
}

// Of what has one spelling only: errors get "ERR" from the writer.
void write(const resp_reply& reply, std::string& out) {
  mooring::resp_writer to(out);
  if (reply.type == resp_reply::kind::bulk) to.bulk(reply.text);
  if (reply.type == resp_reply::kind::integer) to.integer(reply.number);
  if (reply.type == resp_reply::kind::nil) to.nil();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const mooring::fuzz::cut_stream input(mooring::fuzz::text_of(data, size));
  std::string_view whole = input.whole;
  const auto first = mooring::take_reply(whole);
  std::size_t received = 0;
  for (const auto piece : input.pieces) {
    received += piece.size();
    std::string_view part = input.whole.substr(0, received);
    const auto early = mooring::take_reply(part);
    must(early || part.size() == received, "what is incomplete is left as it is");
    if (early && !*early) must(first && !*first, "what cannot become a reply does not become one");
    if (early && *early) must(first && *first && is_same(**first, **early), "later bytes do not change a reply");
  }
  for (std::string_view rest = input.whole;;) {
    const auto before = rest.size();
    const auto reply = mooring::take_reply(rest);
    if (!reply) return 0;
    if (!*reply) {
      must(reply->error().code() == mooring::errc::bad_data, "what does not parse is bad data");
      return 0;
    }
    must(rest.size() < before, "each reply takes bytes");
    must((*reply)->elements.size() <= mooring::max_reply_elements, "arrays have their limit");
    std::string again;
    write(**reply, again);
    std::string_view written = again;
    must(again.empty() || is_same(**mooring::take_reply(written), **reply), "what was read can be written");
  }
}
