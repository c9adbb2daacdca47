// Does the sessions' table answer in one region?
//
// A GetItem of a key that never exists. Every `fresh_every`-th run looks the name up again and connects anew: in
// October 2025 us-east-1's name went empty while kept-alive connections lived on.
#pragma once

#include <cstdint>
#include <functional>

#include "check.hpp"
#include "mooring/aws/dynamo_client.hpp"

namespace mooring::sidecar {

// One run, told to whoever decides about the region. `failure` is null when the table answered.
struct region_probe {
  bool fresh = false;
  steady_time begun{};
  const error* failure = nullptr;
};

// How whoever decides about the region wants it to be probed.
struct region_pace {
  bool fast = false;
  bool alternate_fresh = false;  // every other run over a fresh connection
  bool silent = false;           // nothing may be sent: a run fails by itself
};

struct region_watch {
  std::function<region_pace()> pace;
  std::function<void(const region_probe&)> seen;
};

class dynamodb_check final : public check {
 public:
  dynamodb_check(dynamo_client& client, std::string table, std::int64_t fresh_every, const clock& time);

  // From now on. Without it the check probes at its own pace and tells nobody.
  void watch(region_watch watcher) { watch_ = std::move(watcher); }

  const std::string& name() const override { return name_; }
  task<outcome> probe(steady_time deadline) override;
  bool hurries() const override { return watch_.pace && watch_.pace().fast; }

 private:
  dynamo_client& client_;
  std::string table_;
  std::string name_;
  std::int64_t fresh_every_;
  const clock& time_;
  std::int64_t runs_ = 0;
  bool last_was_fresh_ = false;
  region_watch watch_;
};

}  // namespace mooring::sidecar
