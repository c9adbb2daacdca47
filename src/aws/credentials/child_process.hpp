// Runs a program to its end without a shell and without a thread, and collects what it says.
//
// It gets no input and a process group of its own. When the deadline passes, a limit is exceeded or the task is
// abandoned, the whole group is killed. The wait is a look every few milliseconds: programs run once an hour.
#pragma once

#include <string>
#include <vector>

#include "mooring/base/clock.hpp"
#include "mooring/net/task.hpp"

namespace mooring {

struct process_result {
  std::string output;
  std::string error_tail;  // the end of what it wrote to standard error
  int exit_code = 0;       // 128 + the signal's number when a signal ended it
};

// errc::misconfigured: it cannot be started. errc::timed_out, errc::too_large: it was killed.
task<result<process_result>> run_process(std::vector<std::string> words, std::size_t output_limit,
                                         steady_time deadline);

}  // namespace mooring
