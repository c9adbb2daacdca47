// sessiond's RESP parser, with bytes as any local process may send them.
// This code should never throw, for any input; and how the bytes are cut must not matter.
#include "fuzz.hpp"
#include "mooring/resp/parser.hpp"

using namespace mooring;
using mooring::fuzz::must;

namespace {

struct dialogue {
  std::vector<resp_request> requests;
  resp_parser::step end = resp_parser::step::need_more;
  std::string fault;
  bool operator==(const dialogue&) const = default;
};

void feed(resp_parser& parser, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto room = parser.prepare();
    const auto count = std::min(room.size(), bytes.size());
    std::copy_n(bytes.begin(), count, room.begin());
    parser.commit(count);
    bytes.remove_prefix(count);
  }
}

void check_limits(const resp_request& request) {
  std::size_t total = 0;
  for (const auto& argument : request)
    total += argument.size();
  must(!request.empty() && request.size() <= max_arguments, "a request has 1 to max_arguments arguments");
  must(total <= max_request_bytes, "a request is within max_request_bytes");
}

dialogue parse(const std::vector<std::string_view>& pieces) {
  resp_parser parser;
  dialogue out;
  for (const auto piece : pieces) {
    feed(parser, piece);
    while ((out.end = parser.next()) == resp_parser::step::request) {
      out.requests.push_back(parser.take());
      check_limits(out.requests.back());
    }
    if (out.end == resp_parser::step::malformed) break;
  }
  out.fault = parser.fault();
  must(out.fault.empty() == (out.end != resp_parser::step::malformed), "a malformed stream says why");
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const mooring::fuzz::cut_stream input(mooring::fuzz::text_of(data, size));
  must(parse(input.pieces) == parse({input.whole}), "cuts do not change what is read");
  return 0;
}
