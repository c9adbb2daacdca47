// A credential_source whose answers a test writes beforehand.
#pragma once

#include <deque>

#include "mooring/credentials/source.hpp"
#include "mooring/net/deadline.hpp"

namespace mooring::test {

class scripted_source final : public credential_source {
 public:
  temporary_credentials& give(const std::string& id, std::optional<wall_time> expires) {
    temporary_credentials out;
    out.keys.access_key_id = id;
    out.keys.secret_access_key = "secret of " + id;
    out.source = "script";
    out.expires = expires;
    script.emplace_back(std::optional(std::move(out)));
    return **script.back();
  }
  void fail(errc code) { script.emplace_back(error(code, "scripted")); }
  void hang() { hanging = true; }

  task<fetched_credentials> fetch(steady_time) override {
    ++fetches;
    if (hanging) co_await sleep_for(std::chrono::hours(1));
    if (script.empty()) co_return error(errc::timed_out, "the script is over");
    auto next = std::move(script.front());
    script.pop_front();
    co_return next;
  }
  task<bool> changed(steady_time) override { co_return std::exchange(files_changed, false); }

  std::deque<fetched_credentials> script;
  int fetches = 0;
  bool files_changed = false;
  bool hanging = false;
};

}  // namespace mooring::test
