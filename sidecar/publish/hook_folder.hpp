// Which hooks there are: the executables in a folder, in the order of their names, as run-parts(8) has it.
//
// A name is made of letters, digits, '_' and '-'; so what editors and dpkg leave behind does not run. A hook that
// somebody besides its owner may write is refused: who can write it can do what the sidecar can do.
#pragma once

#include <string>
#include <vector>

#include "mooring/base/error.hpp"

namespace mooring::sidecar {

constexpr std::size_t max_hooks = 32;  // of one folder

struct hook_folder {
  std::vector<std::string> hooks;    // names
  std::vector<std::string> refused;  // "name: why and what to do", for the log
};

// A folder that does not exist has no hooks. errc::io when it cannot be read.
result<hook_folder> read_hook_folder(const std::string& path);

}  // namespace mooring::sidecar
