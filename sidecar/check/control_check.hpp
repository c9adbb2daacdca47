// Does a control host answer? It has nothing to do with the regions, so while it does this node's network is fine.
//
// Any HTTP answer counts, whatever it says: the network has brought it. Each run looks the name up and connects anew.
// The check only warns; that no region is left while all control hosts are silent is the failover machine's rule.
#pragma once

#include <functional>

#include "check.hpp"
#include "mooring/net/http_client.hpp"

namespace mooring::sidecar {

constexpr milliseconds control_timeout{2'000};

// One run, told to whoever decides about the regions. `failure` is null when the host answered.
struct control_run {
  steady_time begun{};
  const error* failure = nullptr;
};

struct control_watcher {
  std::function<bool()> hurried;  // whether the next run should come at fast_interval
  std::function<void(const control_run&)> seen;
};

class control_check final : public check {
 public:
  // `url` has been found right by the settings' rules.
  control_check(http_client& http, std::string url, const clock& time);

  // From now on. Without it the check probes at its own pace and tells nobody.
  void watch(control_watcher watcher) { watch_ = std::move(watcher); }

  // "control." and the URL's host with its port.
  const std::string& name() const override { return name_; }
  task<outcome> probe(steady_time deadline) override;
  bool hurries() const override { return watch_.hurried && watch_.hurried(); }

 private:
  http_client& http_;
  std::string url_;
  std::string name_;
  const clock& time_;
  control_watcher watch_;
};

}  // namespace mooring::sidecar
