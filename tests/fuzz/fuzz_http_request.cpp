// The sidecar's HTTP reader, with bytes as anybody on the network may send them.
// This code should never throw, for any input; and how the bytes are cut must not change the requests. It may change
// when a malformed one is refused: Beast looks at a head that came in pieces again only when it is complete.
#include <string>

#include "fuzz.hpp"
#include "sidecar/http/request_reader.hpp"

using namespace mooring::sidecar;
using mooring::fuzz::must;

namespace {

std::string read(const std::vector<std::string_view>& pieces) {
  request_reader reader;
  std::string questions;
  for (const auto piece : pieces) {
    reader.append(piece);
    while (const auto arrived = reader.next()) {
      must(arrived->question.has_value() == (arrived->refusal == 0), "what arrives is a question or a refusal");
      if (!arrived->question) return questions;
      const auto& question = *arrived->question;
      questions += std::to_string(static_cast<int>(question.method)) + (question.keep_alive ? "k" : "c") +
                   (question.http_1_1 ? "1" : "0") + question.path + "\n";
    }
  }
  return questions;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const mooring::fuzz::cut_stream input(mooring::fuzz::text_of(data, size));
  must(read(input.pieces) == read({input.whole}), "cuts do not change the requests");
  return 0;
}
