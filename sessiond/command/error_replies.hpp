// How outcomes of sessions are answered: what failed is counted, logged, and told with "-ERR text".
#pragma once

#include <map>
#include <string>

#include "mooring/base/log.hpp"
#include "mooring/base/metrics.hpp"
#include "sessiond/resp/parser.hpp"

namespace mooring::sessiond {

class error_replies {
 public:
  error_replies(const logger& log, metrics& registry) : log_(log), registry_(registry) {}

  void reply(std::string& out, const resp_request& request, const error& failure);
  void reply_flag(std::string& out, const resp_request& request, const result<bool>& outcome);
  void reply_done(std::string& out, const resp_request& request, const result<void>& outcome);

  // Counts and logs only.
  void note(const resp_request& request, const error& failure);

 private:
  logger log_;
  metrics& registry_;
  std::map<errc, counter*> errors_;
};

}  // namespace mooring::sessiond
