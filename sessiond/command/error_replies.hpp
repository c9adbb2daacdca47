// How outcomes of sessions are answered: what failed is counted, logged, and told with "-ERR text".
#pragma once

#include <map>
#include <string>

#include "mooring/base/clock.hpp"
#include "mooring/base/log.hpp"
#include "mooring/base/log_limiter.hpp"
#include "mooring/base/metrics.hpp"
#include "mooring/resp/parser.hpp"

namespace mooring::sessiond {

class error_replies {
 public:
  error_replies(const logger& log, const clock& time, metrics& registry)
      : log_(log), time_(time), registry_(registry) {}

  void reply(std::string& out, const resp_request& request, const error& failure);
  void reply_flag(std::string& out, const resp_request& request, const result<bool>& outcome);
  void reply_done(std::string& out, const resp_request& request, const result<void>& outcome);

  // Counts and logs only, one line a second for each class.
  void note(const resp_request& request, const error& failure);

 private:
  struct error_class {
    counter* total = nullptr;
    log_limiter lines;
  };

  logger log_;
  const clock& time_;
  metrics& registry_;
  std::map<errc, error_class> errors_;
};

}  // namespace mooring::sessiond
