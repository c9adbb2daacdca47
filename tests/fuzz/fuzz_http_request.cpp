// The sidecar's HTTP reader, with bytes as anybody on the network may send them.
// This code should never throw, for any input; and how the bytes are cut must not change the requests.
#include <string>

#include "fuzz.hpp"
#include "sidecar/http/request_reader.hpp"

using namespace mooring::sidecar;
using mooring::fuzz::must;

namespace {

struct dialogue {
  std::string questions;
  unsigned refusal = 0;
  bool begun = false;
  bool operator==(const dialogue&) const = default;
};

dialogue read(const std::vector<std::string_view>& pieces) {
  request_reader reader;
  dialogue out;
  for (const auto piece : pieces) {
    reader.append(piece);
    while (const auto arrived = reader.next()) {
      must(arrived->question.has_value() == (arrived->refusal == 0), "what arrives is a question or a refusal");
      out.refusal = arrived->refusal;
      if (out.refusal != 0) return out;
      const auto& question = *arrived->question;
      out.questions += std::to_string(static_cast<int>(question.method)) + (question.keep_alive ? "k" : "c") +
                       (question.http_1_1 ? "1" : "0") + question.path + "\n";
    }
  }
  out.begun = reader.begun();
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const mooring::fuzz::cut_stream input(mooring::fuzz::text_of(data, size));
  must(read(input.pieces) == read({input.whole}), "cuts do not change what is read");
  return 0;
}
