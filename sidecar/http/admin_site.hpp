// The admin listener's content: /metrics, /status.json, and /status for people. It only reads.
#pragma once

#include <functional>

#include "mooring/base/clock.hpp"
#include "mooring/base/metrics.hpp"
#include "node_status.hpp"
#include "page.hpp"
#include "site.hpp"

namespace mooring::sidecar {

class admin_site final : public site {
 public:
  // `more_metrics` is appended to /metrics as it is: the text of mooring-sessiond.
  admin_site(const node_status& node, const clock& time, const metrics& registry,
             std::function<std::string()> more_metrics);

  std::string answer(const http_question& question) override;
  std::string refuse(unsigned status) override;

 private:
  const node_status& node_;
  const clock& time_;
  const metrics& registry_;
  std::function<std::string()> more_metrics_;
};

}  // namespace mooring::sidecar
