#include "sessiond/session/leases.hpp"

#include <algorithm>

namespace mooring::sessiond {

void leases::hold(const std::string& key, stored_session session, steady_time asked) {
  const auto [at, is_new] = held_.try_emplace(key);
  lease& held = at->second;
  if (is_new) held.first_taken = asked;
  held.session.reset();
  if (asked >= sure_since_) held.session = std::move(session);
  held.generation = ++last_generation_;
  held.renewing = false;
  prolong(held, asked);
}

void leases::prolong(lease& held, steady_time asked) const {
  held.ends = asked + time_;
  held.renew_at = asked + time_ / 3;
}

void leases::unsure(const std::string& key) {
  const auto found = held_.find(key);
  if (found != held_.end()) found->second.session.reset();
}

void leases::unsure_of_all(steady_time now) {
  sure_since_ = now;
  for (auto& [key, held] : held_)
    held.session.reset();
}

const stored_session* leases::usable(const std::string& key, steady_time now) const {
  const auto found = held_.find(key);
  if (found == held_.end() || !found->second.session || found->second.ends - now < time_ / 3) return nullptr;
  return &*found->second.session;
}

lease_after leases::after_request(const std::string& key, bool awaited, steady_time now) {
  if (!awaited) return lease_after::release;
  const auto found = held_.find(key);
  const bool others_turn = found != held_.end() && now - found->second.first_taken > longest_tenure;
  if (!others_turn) return lease_after::keep;
  yielding_.insert(key);
  return lease_after::release;
}

std::vector<lease_renewal> leases::begin_renewals(steady_time now) {
  std::vector<lease_renewal> out;
  for (const auto& [key, held] : held_)
    if (!held.renewing && now >= held.renew_at) out.push_back({key, held.generation, held.ends});
  const auto by_end = [](const lease_renewal& a, const lease_renewal& b) { return a.deadline < b.deadline; };
  std::sort(out.begin(), out.end(), by_end);
  out.resize(std::min(out.size(), max_renewals - renewals_));
  renewals_ += out.size();
  for (lease_renewal& begun : out) {
    held_.at(begun.key).renewing = true;
    // One that is over may still be free for this node to take up again.
    begun.deadline = std::max(begun.deadline, now + time_ / renewals_per_lease);
  }
  return out;
}

void leases::end_renewal(const lease_renewal& begun, steady_time asked, const result<void>& answer) {
  --renewals_;
  const auto found = held_.find(begun.key);
  if (found == held_.end() || found->second.generation != begun.generation) return;
  lease& held = found->second;
  held.renewing = false;
  if (answer) return prolong(held, asked);
  held.renew_at = asked + time_ / renewals_per_lease;
  if (answer.error().code() == errc::stale) held_.erase(found);
}

}  // namespace mooring::sessiond
