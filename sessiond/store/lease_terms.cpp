#include "sessiond/store/lease_terms.hpp"

#include <unistd.h>

#include <fstream>

#include "mooring/base/digest.hpp"

namespace mooring::sessiond {
namespace {

constexpr const char* owner_name = "lock_owner";
constexpr const char* until_name = "lock_until";
constexpr std::size_t region_digits = 4;
constexpr std::size_t node_digits = 16;
constexpr std::size_t process_bytes = 6;

}  // namespace

lease_terms::lease_terms(const std::string& node, const std::string& region, milliseconds time)
    : region_(sha256_hex(region).substr(0, region_digits) + "/"),
      node_(region_ + sha256_hex(node).substr(0, node_digits) + "/"),
      owner_(node_ + to_hex(random_bytes(process_bytes))),
      time_(time) {}

lease_holder lease_terms::holder_in(const item& stored) const {
  const auto found = stored.find(owner_name);
  if (found == stored.end()) return lease_holder::nobody;
  const std::string& owner = found->second.value;
  if (owner.rfind(node_, 0) == 0) return lease_holder::this_node;
  return owner.rfind(region_, 0) == 0 ? lease_holder::other_node : lease_holder::other_region;
}

bool lease_terms::held_elsewhere(const item& stored, std::int64_t now_ms) const {
  const std::int64_t until = number_in(stored, until_name).value_or(0);
  const bool is_under_way = until > now_ms && until <= now_ms + longest_lease.count();
  return is_under_way && holder_in(stored) == lease_holder::other_node;
}

void lease_terms::take(item_update& with, std::int64_t now_ms) const {
  with.set(owner_name, attribute::text(owner_));
  with.set(until_name, attribute::number(now_ms + time_.count()));
}

void lease_terms::give_back(item_update& with) const {
  with.remove(owner_name);
  with.remove(until_name);
}

void lease_terms::require_free(item_update& for_write, std::int64_t now_ms) const {
  const std::string holder = for_write.name(owner_name);
  const std::string begins = "begins_with(" + holder + ", ";
  const std::string own = begins + for_write.value(attribute::text(node_)) + ")";
  const std::string foreign = "NOT " + begins + for_write.value(attribute::text(region_)) + ")";
  const std::string until = for_write.name(until_name);
  const std::string over = until + " <= " + for_write.value(attribute::number(now_ms));
  const std::string endless = until + " > " + for_write.value(attribute::number(now_ms + longest_lease.count()));
  for_write.require("(attribute_not_exists(" + holder + ") OR " + own + " OR " + foreign + " OR " + over + " OR " +
                    endless + ")");
}

void lease_terms::require_own(item_update& for_write) const {
  for_write.require(for_write.name(owner_name) + " = " + for_write.value(attribute::text(owner_)));
}

std::string node_identity(const std::string& socket_path) {
  char host[256] = {};
  ::gethostname(host, sizeof host - 1);
  std::string machine;
  std::ifstream("/etc/machine-id") >> machine;
  return std::string(host) + "\n" + machine + "\n" + socket_path;
}

}  // namespace mooring::sessiond
