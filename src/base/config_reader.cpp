#include "mooring/base/config_reader.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <set>
#include <sstream>

#include "mooring/base/duration_text.hpp"

namespace mooring {

struct config_reader::state {
  std::string name;
  toml::table root;
  std::set<std::string, std::less<>> asked;
  std::vector<known_setting> known;
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

  // The value of a key that now is known.
  const toml::node* find(known_setting setting) {
    asked.insert(setting.key);
    const toml::node* found = root.at_path(setting.key).node();
    known.push_back(std::move(setting));
    return found;
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

std::string quoted(const std::string& text) {
  return "\"" + text + "\"";
}

// [a, b]
template <class T, class Format>
std::string list_of(const std::vector<T>& values, Format format) {
  std::string out;
  for (const T& value : values)
    out.append(out.empty() ? "" : ", ").append(format(value));
  return "[" + out + "]";
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
  take_text({std::string(key), "text", quoted(value), ""}, value);
}

void config_reader::take_text(known_setting setting, std::string& value) {
  const std::string key = setting.key;
  const toml::node* node = state_->find(std::move(setting));
  if (node == nullptr) return;
  if (const auto found = node->value_exact<std::string>())
    value = *found;
  else
    state_->wrong_type(*node, key, "text in quotes");
}

void config_reader::choice(std::string_view key, std::string& value, const std::vector<std::string>& allowed) {
  std::string found = value;
  std::string values;
  for (const std::string& word : allowed)
    values.append(values.empty() ? "" : " ").append(word);
  take_text({std::string(key), "text", quoted(value), std::move(values)}, found);
  if (std::find(allowed.begin(), allowed.end(), found) != allowed.end())
    value = found;
  else
    fault(key, "found \"" + found + "\"; write " + joined(allowed));
}

void config_reader::boolean(std::string_view key, bool& value) {
  const toml::node* node = state_->find({std::string(key), "true/false", value ? "true" : "false", ""});
  if (node == nullptr) return;
  if (const auto found = node->value_exact<bool>())
    value = *found;
  else
    state_->wrong_type(*node, key, "true or false");
}

void config_reader::integer(std::string_view key, std::int64_t& value, std::int64_t lowest, std::int64_t highest) {
  const std::string values = std::to_string(lowest) + " to " + std::to_string(highest);
  const toml::node* node = state_->find({std::string(key), "number", std::to_string(value), values});
  if (node == nullptr) return;
  const std::string range = "a whole number from " + values;
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
  const std::string values = format_duration(lowest) + " to " + format_duration(highest);
  const toml::node* node = state_->find({std::string(key), "duration", quoted(format_duration(value)), values});
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
  std::string entries;
  for (const auto& [name, text] : value)
    entries.append(entries.empty() ? " " : ", ").append(quoted(name)).append(" = ").append(quoted(text));
  if (!entries.empty()) entries += " ";
  const toml::node* node = state_->find({std::string(key), "table", "{" + entries + "}", ""});
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
  const std::string initial = list_of(value, [](std::int64_t number) { return std::to_string(number); });
  const toml::node* node = state_->find({std::string(key), "list of numbers", initial, ""});
  if (node != nullptr && !read_list(*node, value)) state_->wrong_type(*node, key, "a list of whole numbers");
}

void config_reader::text_list(std::string_view key, std::vector<std::string>& value) {
  const toml::node* node = state_->find({std::string(key), "list of texts", list_of(value, quoted), ""});
  if (node != nullptr && !read_list(*node, value)) state_->wrong_type(*node, key, "a list of texts");
}

void config_reader::text_or_list(std::string_view key, std::vector<std::string>& value) {
  const toml::node* node = state_->find({std::string(key), "text or list of texts", list_of(value, quoted), ""});
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

const std::vector<known_setting>& config_reader::known() const {
  return state_->known;
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

}  // namespace mooring
