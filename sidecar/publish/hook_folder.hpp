// Which hooks there are: the executables in a folder, in the order of their names, as run-parts(8) has it.
//
// A name is made of letters, digits, '_' and '-'; so what editors and dpkg leave behind does not run.
//
// Who can write a hook can do what the sidecar can do. So a file, and the folder it is found in, must belong to root or
// to the daemon's user and be writable for its owner only; a link counts as the file it leads to, and that file's
// folder must be as safe. A file that is not is refused; of a folder that is not, no hook runs. Blocking: for a thread.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "mooring/base/error.hpp"

namespace mooring::sidecar {

constexpr std::size_t max_hooks = 32;  // of one folder

struct hook_folder {
  std::vector<std::string> hooks;    // names
  std::vector<std::string> refused;  // "name: why and what to do", for the log
};

// A folder that does not exist has no hooks. errc::io when it cannot be read, errc::misconfigured when others may
// change it.
result<hook_folder> read_hook_folder(const std::string& path);

// What is wrong with the owner or the mode of a hook's file or folder, and the remedy; empty: nothing. `daemon`: its
// effective user. Pure.
std::string why_others_may_change(::uid_t owner, ::mode_t mode, ::uid_t daemon);

}  // namespace mooring::sidecar
