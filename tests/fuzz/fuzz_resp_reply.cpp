// Replies as mooringctl reads them from a socket that may be another program's.
// This code should never throw, for any input.
#include "fuzz.hpp"
#include "sessiond/resp/reply.hpp"
#include "sessiond/resp/writer.hpp"

using mooring::fuzz::must;
using mooring::sessiond::resp_reply;

namespace {

bool is_same(const resp_reply& one, const resp_reply& other) {
  return one.type == other.type && one.text == other.text && one.number == other.number;
}

// Of what has one spelling only: errors get "ERR" from the writer.
void write(const resp_reply& reply, std::string& out) {
  mooring::sessiond::resp_writer to(out);
  if (reply.type == resp_reply::kind::bulk) to.bulk(reply.text);
  if (reply.type == resp_reply::kind::integer) to.integer(reply.number);
  if (reply.type == resp_reply::kind::nil) to.nil();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = mooring::fuzz::text_of(data, size);
  std::string_view rest = text;
  for (;;) {
    const auto before = rest.size();
    const auto reply = mooring::sessiond::take_reply(rest);
    if (!reply) {
      must(reply.error().code() == mooring::errc::bad_data, "what does not parse is bad data");
      return 0;
    }
    must(rest.size() < before, "each reply takes bytes");
    must(reply->elements.size() <= mooring::sessiond::max_reply_elements, "arrays have their limit");
    std::string again;
    write(*reply, again);
    std::string_view written = again;
    must(again.empty() || is_same(*mooring::sessiond::take_reply(written), *reply), "what was read can be written");
  }
}
