// A default is written in the code. What docs/configuration.md and deploy/mooring.toml say of it is compared here.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>

#include "mooring/base/config_reader.hpp"
#include "mooring/base/duration_text.hpp"
#include "mooring/settings/settings.hpp"
#include "tests/support/empty_environment.hpp"

namespace mooring {
namespace {

std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> out;
  for (std::string line; std::getline(file, line);)
    out.push_back(line);
  EXPECT_FALSE(out.empty()) << path;
  return out;
}

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(' ');
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::string without_backticks(std::string text) {
  text.erase(std::remove(text.begin(), text.end(), '`'), text.end());
  return text;
}

// "\"120s\"" and "\"2m\"" are one duration.
bool is_same_value(const known_setting& setting, const std::string& written) {
  if (setting.type != "duration") return written == setting.default_value;
  const auto duration = [](const std::string& quoted) {
    return quoted.size() < 2 ? std::nullopt : parse_duration(quoted.substr(1, quoted.size() - 2));
  };
  return duration(written) && duration(written) == duration(setting.default_value);
}

struct manual_row {
  std::string type;
  std::string default_value;
  std::string values;
};

// | `region.fall` | number | `3` | 2 to 100 | ... |
std::map<std::string, manual_row> rows_of_manual() {
  std::map<std::string, manual_row> out;
  for (const std::string& line : lines_of(MOORING_DOCS "/configuration.md")) {
    std::vector<std::string> cells;
    std::istringstream from(line);
    for (std::string cell; std::getline(from, cell, '|');)
      cells.push_back(without_backticks(trimmed(cell)));
    const bool is_row = cells.size() > 6 && line.rfind("| `", 0) == 0;
    if (!is_row) continue;
    EXPECT_TRUE(out.emplace(cells[1], manual_row{cells[2], cells[3], cells[4]}).second) << "twice: " << cells[1];
  }
  return out;
}

struct example_line {
  bool is_default;  // "#key = value"
  std::string value;
};

std::map<std::string, example_line> lines_of_example() {
  std::map<std::string, example_line> out;
  std::string section;
  for (std::string line : lines_of(MOORING_DOCS "/../deploy/mooring.toml")) {
    if (line.rfind("[", 0) == 0) section = line.substr(1, line.find(']') - 1) + ".";
    const bool is_default = line.rfind("#", 0) == 0;
    if (is_default) line.erase(0, 1);
    const auto sign = line.find(" = ");
    const std::string key = line.substr(0, sign);
    if (sign == std::string::npos || section.empty() || key.find(' ') != std::string::npos) continue;
    const std::string value = trimmed(line.substr(sign + 3, line.find(" #", sign) - sign - 3));
    EXPECT_TRUE(out.emplace(section + key, example_line{is_default, value}).second) << "twice: " << section << key;
  }
  return out;
}

TEST(settings_manual, has_a_row_with_type_default_and_range_for_each_key_and_no_other) {
  auto rows = rows_of_manual();
  for (const known_setting& setting : known_settings()) {
    const auto row = rows.find(setting.key);
    ASSERT_NE(row, rows.end()) << setting.key;
    EXPECT_EQ(row->second.type.rfind(setting.type, 0), 0U) << setting.key << ": " << row->second.type;
    EXPECT_TRUE(is_same_value(setting, row->second.default_value))
        << setting.key << ": " << row->second.default_value << ", and the code says " << setting.default_value;
    const bool has_range = !setting.values.empty();
    EXPECT_TRUE(!has_range || row->second.values == setting.values)
        << setting.key << ": " << row->second.values << ", and the code says " << setting.values;
    rows.erase(row);
  }
  for (const auto& [key, row] : rows)
    ADD_FAILURE() << "configuration.md explains " << key << ", which is no setting";
}

TEST(settings_manual, the_example_shows_each_default_and_no_other_key) {
  auto lines = lines_of_example();
  for (const known_setting& setting : known_settings()) {
    const auto line = lines.find(setting.key);
    ASSERT_NE(line, lines.end()) << setting.key;
    EXPECT_EQ(is_same_value(setting, line->second.value), line->second.is_default)
        << setting.key << ": " << line->second.value << ", and the code says " << setting.default_value;
    lines.erase(line);
  }
  for (const auto& [key, line] : lines)
    ADD_FAILURE() << "mooring.toml shows " << key << ", which is no setting";
}

TEST(settings_manual, the_example_is_a_file_without_faults) {
  EXPECT_EQ(load_settings(MOORING_DOCS "/../deploy/mooring.toml", false, test::empty_environment).faults.size(), 0U);
}

}  // namespace
}  // namespace mooring
