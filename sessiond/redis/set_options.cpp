#include "sessiond/redis/set_options.hpp"

#include "mooring/resp/words.hpp"

namespace mooring::sessiond {
namespace {

// A hundred years, so that no sum with it overflows.
constexpr std::int64_t longest_ms = std::int64_t{100} * 366 * 86'400 * 1000;

error syntax_error(const std::string& word) {
  return error(errc::invalid_argument, "syntax error at '" + printable(word) + "'; SET takes NX, XX, EX and PX");
}

std::optional<std::chrono::milliseconds> life_in(const std::string& text, std::int64_t unit_ms) {
  const auto number = whole_number(text);
  if (!number || *number < 1 || *number > longest_ms / unit_ms) return std::nullopt;
  return std::chrono::milliseconds(*number * unit_ms);
}

}  // namespace

result<set_options> parse_set_options(std::span<const std::string> words) {
  set_options out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string word = lower(words[i]);
    if (word == "nx" && !out.only_existing) {
      out.only_new = true;
    } else if (word == "xx" && !out.only_new) {
      out.only_existing = true;
    } else if ((word == "ex" || word == "px") && !out.life && i + 1 < words.size()) {
      out.life = life_in(words[++i], word == "ex" ? 1000 : 1);
      if (!out.life) return error(errc::invalid_argument, "invalid expire time in 'set' command");
    } else {
      return syntax_error(words[i]);
    }
  }
  return out;
}

std::int64_t whole_seconds(std::chrono::milliseconds life) {
  return (life.count() + 999) / 1000;
}

}  // namespace mooring::sessiond
