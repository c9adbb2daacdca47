#include "mooring/base/config_reader.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <set>
#include <sstream>

namespace mooring {

struct config_reader::state {
  std::string name;
  toml::table root;
  std::set<std::string, std::less<>> asked;
  std::vector<std::pair<std::uint32_t, std::string>> faults;

  void add(std::uint32_t line, std::string_view key, std::string_view what) {
    std::string where = name;
    if (line > 0) where += ":" + std::to_string(line);
    if (!key.empty()) where.append(": ").append(key);
    faults.emplace_back(line, where.append(": ").append(what));
  }

  void wrong_type(const toml::node& node, std::string_view key, std::string_view wanted) {
    std::ostringstream found;
    found << "found " << node.type() << "; write " << wanted;
    add(node.source().begin.line, key, found.str());
  }

  const toml::node* find(std::string_view key) {
    asked.emplace(key);
    return root.at_path(key).node();
  }

  bool holds_asked_keys(const std::string& section) const {
    const std::string prefix = section + ".";
    const auto first = asked.lower_bound(prefix);
    return first != asked.end() && first->compare(0, prefix.size(), prefix) == 0;
  }

  // An unknown section is one fault, not one for each key in it.
  void report_unknown(const toml::table& table, const std::string& prefix) {
    for (const auto& [key, node] : table) {
      const std::string path = prefix + std::string(key.str());
      if (node.is_table() && holds_asked_keys(path))
        report_unknown(*node.as_table(), path + ".");
      else if (asked.count(path) == 0)
        add(key.source().begin.line, path, "unknown key; remove it or correct its name (see docs/configuration.md)");
    }
  }
};

namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& word : words)
    out.append(out.empty() ? "\"" : " or \"").append(word).append("\"");
  return out;
}

}  // namespace

config_reader::config_reader(std::unique_ptr<state> s) : state_(std::move(s)) {}
config_reader::~config_reader() = default;
config_reader::config_reader(config_reader&&) noexcept = default;

config_reader config_reader::from_text(std::string_view toml, const std::string& name) {
  auto made = std::make_unique<state>();
  made->name = name;
  try {
    made->root = toml::parse(toml, name);
  } catch (const toml::parse_error& e) {
    made->add(e.source().begin.line, "", std::string(e.description()) + "; fix the TOML syntax");
  }
  return config_reader(std::move(made));
}

config_reader config_reader::from_file(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string content;
  char chunk[4096];
  while (file.read(chunk, sizeof chunk) || file.gcount() > 0)
    content.append(chunk, static_cast<std::size_t>(file.gcount()));
  // A folder opens but does not read; only errno tells it from an empty file.
  if (file.eof() && errno == 0) return from_text(content, path);
  const int reason = errno != 0 ? errno : EIO;
  auto made = std::make_unique<state>();
  made->name = path;
  made->add(0, "", std::string("cannot read: ") + std::strerror(reason) + "; give a readable file with --config");
  return config_reader(std::move(made));
}

void config_reader::text(std::string_view key, std::string& value) {
  const toml::node* node = state_->find(key);
  if (node == nullptr) return;
  if (const auto found = node->value_exact<std::string>())
    value = *found;
  else
    state_->wrong_type(*node, key, "text in quotes");
}

void config_reader::choice(std::string_view key, std::string& value, const std::vector<std::string>& allowed) {
  std::string found = value;
  text(key, found);
  if (std::find(allowed.begin(), allowed.end(), found) != allowed.end())
    value = found;
  else
    fault(key, "found \"" + found + "\"; write " + joined(allowed));
}

void config_reader::boolean(std::string_view key, bool& value) {
  const toml::node* node = state_->find(key);
  if (node == nullptr) return;
  if (const auto found = node->value_exact<bool>())
    value = *found;
  else
    state_->wrong_type(*node, key, "true or false");
}

void config_reader::integer(std::string_view key, std::int64_t& value, std::int64_t lowest, std::int64_t highest) {
  const toml::node* node = state_->find(key);
  if (node == nullptr) return;
  const std::string range = "a whole number from " + std::to_string(lowest) + " to " + std::to_string(highest);
  const auto found = node->value_exact<std::int64_t>();
  if (!found)
    state_->wrong_type(*node, key, range);
  else if (*found < lowest || *found > highest)
    fault(key, "found " + std::to_string(*found) + "; write " + range);
  else
    value = *found;
}

void config_reader::duration(std::string_view key, std::chrono::milliseconds& value, std::chrono::milliseconds lowest,
                             std::chrono::milliseconds highest) {
  const toml::node* node = state_->find(key);
  if (node == nullptr) return;
  const std::string wanted = "a duration with its unit from \"" + format_duration(lowest) + "\" to \"" +
                             format_duration(highest) + "\", such as \"" + format_duration(value) + "\"";
  const auto found = node->value_exact<std::string>();
  if (!found) {
    state_->wrong_type(*node, key, wanted);
    return;
  }
  const auto parsed = parse_duration(*found);
  if (!parsed || *parsed < lowest || *parsed > highest)
    fault(key, "found \"" + *found + "\"; write " + wanted);
  else
    value = *parsed;
}

void config_reader::text_map(std::string_view key, std::map<std::string, std::string>& value) {
  const toml::node* node = state_->find(key);
  if (node == nullptr) return;
  const auto* table = node->as_table();
  if (table == nullptr) {
    state_->wrong_type(*node, key, "a table { name = \"value\" }");
    return;
  }
  for (const auto& [name, item] : *table) {
    const std::string path = std::string(key) + "." + std::string(name.str());
    state_->asked.emplace(path);
    if (const auto found = item.value_exact<std::string>())
      value[std::string(name.str())] = *found;
    else
      state_->wrong_type(item, path, "text in quotes");
  }
}

namespace {

// False: no array, or one that holds something else.
template <class T>
bool read_list(const toml::node& from, std::vector<T>& into) {
  const auto* array = from.as_array();
  if (array == nullptr) return false;
  std::vector<T> read;
  for (const toml::node& element : *array) {
    const auto found = element.value_exact<T>();
    if (!found) return false;
    read.push_back(*found);
  }
  into = std::move(read);
  return true;
}

}  // namespace

void config_reader::integer_list(std::string_view key, std::vector<std::int64_t>& value) {
  const toml::node* node = state_->find(key);
  if (node != nullptr && !read_list(*node, value)) state_->wrong_type(*node, key, "a list of whole numbers");
}

void config_reader::text_list(std::string_view key, std::vector<std::string>& value) {
  const toml::node* node = state_->find(key);
  if (node != nullptr && !read_list(*node, value)) state_->wrong_type(*node, key, "a list of texts");
}

void config_reader::text_or_list(std::string_view key, std::vector<std::string>& value) {
  const toml::node* node = state_->find(key);
  if (node == nullptr) return;
  if (const auto one = node->value_exact<std::string>())
    value = one->empty() ? std::vector<std::string>() : std::vector<std::string>{*one};
  else if (!read_list(*node, value))
    state_->wrong_type(*node, key, "text in quotes or a list of texts");
}

void config_reader::fault(std::string_view key, std::string_view what) {
  const toml::node* node = state_->root.at_path(key).node();
  state_->add(node == nullptr ? 0 : node->source().begin.line, key, what);
}

std::vector<std::string> config_reader::finish() {
  state_->report_unknown(state_->root, "");
  std::stable_sort(state_->faults.begin(), state_->faults.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> out;
  for (const auto& [line, what] : state_->faults)
    out.push_back(what);
  return out;
}

namespace {

struct unit {
  std::string_view name;
  std::int64_t in_ms;
};
constexpr std::array<unit, 4> units{{{"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};
constexpr std::int64_t longest_ms = std::int64_t{1000} * 24 * 3'600'000;

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  std::int64_t count = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (ec != std::errc{} || count < 0) return std::nullopt;
  const std::string_view name(end, static_cast<std::size_t>(text.data() + text.size() - end));
  for (const auto& u : units) {
    if (u.name != name) continue;
    if (count > longest_ms / u.in_ms) return std::nullopt;
    return std::chrono::milliseconds(count * u.in_ms);
  }
  return std::nullopt;
}

std::string format_duration(std::chrono::milliseconds value) {
  for (const auto& u : units) {
    if (value.count() >= u.in_ms && value.count() % u.in_ms == 0)
      return std::to_string(value.count() / u.in_ms).append(u.name);
  }
  return std::to_string(value.count()) + "ms";
}

}  // namespace mooring
