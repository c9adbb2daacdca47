#include <algorithm>
#include <array>
#include <charconv>

#include "key_rules.hpp"
#include "sts_xml.hpp"

namespace mooring {
namespace {

constexpr std::string_view blanks = " \t\r\n";

bool is_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.' || c == ':';
  };
  return !name.empty() && std::all_of(name.begin(), name.end(), allowed);
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(blanks) == std::string_view::npos;
}

// "amp" -> "&", "#65" -> "A". Only characters of ASCII: nothing else has a place in STS's fields.
std::optional<char> entity(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, char>, 5> named{
      {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}}};
  for (const auto& [known, sign] : named)
    if (known == name) return sign;
  if (name.size() < 2 || name.front() != '#') return std::nullopt;
  const bool hex = name[1] == 'x';
  const auto digits = name.substr(hex ? 2 : 1);
  unsigned code = 0;
  const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), code, hex ? 16 : 10);
  if (ec != std::errc{} || end != digits.data() + digits.size() || code == 0 || code > 127) return std::nullopt;
  return static_cast<char>(code);
}

class reader {
 public:
  explicit reader(std::string_view text) : rest_(text) {}

  result<std::vector<xml_leaf>> read() {
    if (!skip_declaration()) return bad("the XML declaration has no end");
    while (!rest_.empty()) {
      auto step = rest_.front() == '<' ? read_tag() : read_text();
      if (!step) return step.error();
    }
    if (!open_.empty() || !seen_root_) return bad("the document ends too early");
    return std::move(leaves_);
  }

 private:
  struct element {
    std::string_view name;
    std::string text;
    bool has_children = false;
  };

  static error bad(const char* what) { return error(errc::bad_data, std::string("not an answer of STS: ") + what); }

  bool skip_declaration() {
    if (rest_.rfind("\xef\xbb\xbf", 0) == 0) rest_.remove_prefix(3);
    rest_.remove_prefix(std::min(rest_.find_first_not_of(blanks), rest_.size()));
    if (rest_.rfind("<?xml", 0) != 0) return true;
    const auto end = rest_.find("?>");
    if (end == std::string_view::npos) return false;
    rest_.remove_prefix(end + 2);
    return true;
  }

  result<void> read_text() {
    const auto end = std::min(rest_.find('<'), rest_.size());
    auto raw = rest_.substr(0, end);
    rest_.remove_prefix(end);
    if (open_.empty() && !is_blank(raw)) return bad("text outside of the root element");
    while (!raw.empty()) {
      const auto plain = std::min(raw.find('&'), raw.size());
      if (!open_.empty()) open_.back().text.append(raw.substr(0, plain));
      raw.remove_prefix(plain);
      if (raw.empty()) break;
      const auto semicolon = raw.find(';');
      if (semicolon == std::string_view::npos) return bad("an entity without its end");
      const auto sign = entity(raw.substr(1, semicolon - 1));
      if (!sign) return bad("an unknown entity");
      open_.back().text.push_back(*sign);
      raw.remove_prefix(semicolon + 1);
    }
    return {};
  }

  // The end of the tag at the front; a '>' within an attribute's quotes does not count.
  std::size_t end_of_tag() const {
    char quote = '\0';
    for (std::size_t i = 1; i < rest_.size(); ++i) {
      const char c = rest_[i];
      if (quote != '\0')
        quote = c == quote ? '\0' : quote;
      else if (c == '"' || c == '\'')
        quote = c;
      else if (c == '<')
        return std::string_view::npos;
      else if (c == '>')
        return i;
    }
    return std::string_view::npos;
  }

  result<void> read_tag() {
    const auto end = end_of_tag();
    if (end == std::string_view::npos) return bad("a tag without its end");
    auto tag = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    if (!tag.empty() && tag.front() == '/') return close(tag.substr(1));
    const bool empty_element = !tag.empty() && tag.back() == '/';
    if (empty_element) tag.remove_suffix(1);
    const auto name = tag.substr(0, tag.find_first_of(blanks));
    if (!is_name(name)) return bad("a comment, a document type or a strange tag");
    if (open_.empty() && seen_root_) return bad("two root elements");
    if (open_.size() == deepest_xml) return bad("elements are nested too deep");
    if (!open_.empty()) open_.back().has_children = true;
    seen_root_ = true;
    element& made = open_.emplace_back();
    made.name = name;
    if (!empty_element) return {};
    return close(name);
  }

  result<void> close(std::string_view name) {
    name = name.substr(0, name.find_first_of(blanks));
    if (open_.empty() || open_.back().name != name) return bad("tags that do not match");
    element& closed = open_.back();
    if (closed.has_children && !is_blank(closed.text)) return bad("text between elements");
    if (!closed.has_children) {
      if (leaves_.size() == most_xml_leaves) return bad("too many elements");
      xml_leaf& leaf = leaves_.emplace_back();
      for (const element& step : open_)
        leaf.path.append(leaf.path.empty() ? "" : "/").append(step.name);
      leaf.text = std::move(closed.text);
    }
    open_.pop_back();
    return {};
  }

  std::string_view rest_;
  std::vector<element> open_;
  std::vector<xml_leaf> leaves_;
  bool seen_root_ = false;
};

}  // namespace

result<std::vector<xml_leaf>> leaves_of_xml(std::string_view text) {
  if (text.size() > longest_answer) return error(errc::too_large, "an answer of STS of over 64 KiB");
  return reader(text).read();
}

}  // namespace mooring
