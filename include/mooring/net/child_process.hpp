// Runs a program to its end without a shell, and collects what it says.
//
// It is started on a thread of its own (own_thread.hpp), because its file may be on a disk that hangs. It gets no
// input, no other open file, and a process group of its own. When the deadline passes, a limit is exceeded, it is
// unwanted or the task is abandoned, the whole group is ended. The wait is a look every few milliseconds: programs run
// now and then.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "mooring/base/clock.hpp"
#include "mooring/net/task.hpp"

namespace mooring {

struct program {
  std::vector<std::string> words;                  // the first is looked up in PATH unless it has a slash
  std::map<std::string, std::string> environment;  // beside what it inherits, and instead of it where names are equal
  std::function<bool(std::string_view)> inherits;  // whether it gets this process's variable of that name; empty: all
  std::size_t output_limit = 4096;
  bool keep_tail = false;          // of more output the end is kept; else more is errc::too_large
  milliseconds term_grace{0};      // at the deadline: SIGTERM, and SIGKILL after this time; 0: SIGKILL at once
  std::function<bool()> unwanted;  // asked at every look; true ends it as the deadline does
};

struct process_result {
  std::string output;
  std::string error_tail;  // the end of what it wrote to standard error
  int exit_code = 0;       // 128 + the signal's number when a signal ended it
};

// errc::misconfigured: it cannot be started. errc::timed_out, errc::too_large, errc::cancelled: it was killed.
task<result<process_result>> run_process(program what, steady_time deadline);

}  // namespace mooring
