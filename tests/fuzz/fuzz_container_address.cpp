// Where a container gets its credentials: the first line is the URI, the rest the authorization token.
// This code should never throw, for any input.
#include <string>

#include "fuzz.hpp"
#include "src/credentials/container_address.hpp"

using mooring::fuzz::must;

namespace {

bool is_trusted(const std::string& url) {
  // The forms in which a trusted host can be written; whatever follows the host must end it.
  for (const char* host : {"localhost", "127.", "169.254.170.2", "169.254.170.23", "["}) {
    const std::string begin = std::string("http://") + host;
    if (url.rfind(begin, 0) == 0) return true;
  }
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto text = mooring::fuzz::text_of(data, size);
  const auto uri = mooring::fuzz::take_until(text, '\n');
  if (const auto url = mooring::container_url_of_relative(uri))
    must(url->rfind("http://169.254.170.2/", 0) == 0, "a relative URI stays on its host");
  if (const auto url = mooring::container_url_of_full(uri)) {
    must(url->rfind("https://", 0) == 0 || is_trusted(*url), "without TLS only trusted hosts are asked");
    const auto authority = url->substr(0, url->find('/', url->find("://") + 3));
    must(authority.find('@') == std::string::npos || authority.find('?') < authority.find('@'),
         "no user stands before the host");
  }
  if (const auto token = mooring::container_authorization(text, "fuzz"))
    must(token->find_first_of("\r\n") == std::string::npos, "a token cannot end its header");
  return 0;
}
