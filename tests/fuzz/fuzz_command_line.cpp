// The command line of credential_process.
// This code should never throw, for any input.
#include <string>

#include "fuzz.hpp"
#include "src/credentials/command_line.hpp"

using mooring::fuzz::must;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = mooring::fuzz::text_of(data, size);
  const auto words = mooring::split_command(text);
  if (!words) return 0;
  must(!words->empty() && !words->front().empty(), "there is a program");
  std::string quoted;
  for (const auto& word : *words) {
    must(word.find('\0') == std::string::npos, "a word has no zero byte");
    quoted += " '";
    for (const char c : word)
      quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    quoted += "'";
  }
  must(mooring::split_command(quoted).value() == *words, "quoted words are the same words");
  return 0;
}
