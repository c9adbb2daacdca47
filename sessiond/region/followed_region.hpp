// A region that sessions may be in, and the store over its table. Regions are numbered from 0, the primary.
#pragma once

#include <memory>
#include <string>

#include "sessiond/store/session_store.hpp"

namespace mooring::sessiond {

struct followed_region {
  std::string name;
  std::unique_ptr<session_store> store;
};

}  // namespace mooring::sessiond
