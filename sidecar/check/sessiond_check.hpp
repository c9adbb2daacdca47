// Does mooring-sessiond of this node take connections and answer? And what do its metrics say?
//
// Connects afresh as PHP does, asks for PING and METRICS, and keeps the metrics until the next run, so that one scrape
// of the sidecar covers both daemons.
#pragma once

#include "check.hpp"
#include "mooring/sessiond_client/sessiond_client.hpp"

namespace mooring::sidecar {

class sessiond_check final : public check {
 public:
  explicit sessiond_check(std::string socket_path) : path_(std::move(socket_path)) {}

  const std::string& name() const override { return name_; }
  task<outcome> probe(steady_time deadline) override;

  // Prometheus text of the last run; empty after a failed one, because old numbers would look like live ones.
  const std::string& metrics_text() const { return metrics_text_; }

 private:
  std::string name_ = "sessiond";
  std::string path_;
  std::string metrics_text_;
};

}  // namespace mooring::sidecar
