// The public listener's content: /healthz, /readyz, /livez and /region/<name>, one word each, and nothing else. The
// last is healthy while this node uses that region, so that a DNS health check can follow the region without any API.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <utility>

#include "mooring/base/metrics.hpp"
#include "page.hpp"
#include "sidecar/health/status_board.hpp"
#include "site.hpp"

namespace mooring::sidecar {

class probe_site final : public site {
 public:
  using region_question = std::function<bool(std::string_view)>;

  probe_site(const status_board& board, metrics& registry, region_question is_active);

  std::string answer(const http_question& question) override;
  std::string refuse(unsigned status) override;

 private:
  const page& choose(const http_question& question) const;
  void count(std::string_view path, unsigned status);

  const status_board& board_;
  metrics& registry_;
  region_question is_active_;
  std::array<page, 5> health_;  // by verdict_kind
  page alive_;
  page not_active_;
  page not_found_;
  page not_allowed_;
  std::map<std::pair<std::string_view, unsigned>, counter*> probes_;  // paths are those of the route table, or "other"
};

}  // namespace mooring::sidecar
