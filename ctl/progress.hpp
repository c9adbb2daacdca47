// What a long command does, for the person who waits: a line on standard error when something else happens, and now and
// then while nothing does.
#pragma once

#include <string>

#include "mooring/base/clock.hpp"

namespace mooring::ctl {

class progress_lines {
 public:
  explicit progress_lines(std::string subject) : subject_(std::move(subject)) {}

  void say(const std::string& what, steady_time now);

 private:
  std::string subject_;
  std::string last_;
  steady_time printed_{};
};

}  // namespace mooring::ctl
