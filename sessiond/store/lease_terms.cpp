#include "sessiond/store/lease_terms.hpp"

#include <unistd.h>

#include <fstream>

#include "mooring/base/digest.hpp"

namespace mooring::sessiond {
namespace {

constexpr std::size_t node_digits = 16;
constexpr std::size_t process_bytes = 6;

}  // namespace

lease_terms::lease_terms(const std::string& node, milliseconds time)
    : node_(sha256_hex(node).substr(0, node_digits)),
      owner_(node_ + "/" + to_hex(random_bytes(process_bytes))),
      time_(time) {}

bool lease_terms::held_elsewhere(const item& stored, std::int64_t now_ms) const {
  const auto holder = stored.find(lock_owner_name);
  if (holder == stored.end() || holder->second.value.rfind(node_prefix(), 0) == 0) return false;
  return number_in(stored, lock_until_name).value_or(0) > now_ms;
}

std::string node_identity(const std::string& socket_path) {
  char host[256] = {};
  ::gethostname(host, sizeof host - 1);
  std::string machine;
  std::ifstream("/etc/machine-id") >> machine;
  return std::string(host) + "\n" + machine + "\n" + socket_path;
}

}  // namespace mooring::sessiond
