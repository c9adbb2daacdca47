#include "ctl/report/findings.hpp"

#include <array>

namespace mooring::ctl {
namespace {

constexpr std::array<finding_level, 3> worst_first{finding_level::fail, finding_level::unknown, finding_level::warn};

std::string mark_of(finding_level level) {
  if (level == finding_level::ok) return "ok  ";
  return level == finding_level::warn ? "warn" : "FAIL";
}

}  // namespace

finding_level worst_of(const findings& all) {
  for (const finding_level level : worst_first)
    for (const finding& one : all)
      if (one.level == level) return level;
  return finding_level::ok;
}

int exit_code_of(const findings& all) {
  const finding_level worst = worst_of(all);
  if (worst == finding_level::unknown) return 2;
  return worst == finding_level::fail ? 1 : 0;
}

std::string name_of(finding_level level) {
  if (level == finding_level::unknown) return "unknown";
  if (level == finding_level::fail) return "fail";
  return level == finding_level::warn ? "warn" : "ok";
}

std::string sentence_of(const finding& one) {
  return one.remedy.empty() ? one.what : one.what + "; " + one.remedy;
}

std::string line_of(const finding& one) {
  return mark_of(one.level) + "  " + one.region + " " + one.about + ": " + sentence_of(one);
}

}  // namespace mooring::ctl
