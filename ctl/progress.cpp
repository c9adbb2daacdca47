#include "ctl/progress.hpp"

#include <iostream>

namespace mooring::ctl {
namespace {

constexpr seconds sign_of_life{30};

}  // namespace

void progress_lines::say(const std::string& what, steady_time now) {
  if (what == last_ && now - printed_ < sign_of_life) return;
  std::cerr << subject_ << ": " << what << "\n";
  last_ = what;
  printed_ = now;
}

}  // namespace mooring::ctl
