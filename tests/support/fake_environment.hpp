// Environment variables that a test sets, and nothing of the process's own.
#pragma once

#include <map>
#include <memory>

#include "mooring/settings/settings.hpp"

namespace mooring::test {

class fake_environment {
 public:
  fake_environment() = default;
  fake_environment(std::initializer_list<std::pair<const std::string, std::string>> values) : values_(values) {}

  std::string& operator[](const std::string& name) { return values_[name]; }

  // Sees later changes; the fake must outlive it.
  environment view() const {
    return [this](const std::string& name) -> std::optional<std::string> {
      const auto found = values_.find(name);
      if (found == values_.end()) return std::nullopt;
      return found->second;
    };
  }

 private:
  std::map<std::string, std::string> values_;
};

}  // namespace mooring::test
