#include "sessiond/command/error_replies.hpp"

#include "mooring/resp/words.hpp"
#include "mooring/resp/writer.hpp"

namespace mooring::sessiond {

void error_replies::note(const resp_request& request, const error& failure) {
  error_class& of_class = errors_[failure.code()];
  if (of_class.total == nullptr)
    of_class.total = &registry_.make_counter("mooring_sessiond_errors_total", "Commands answered with an error",
                                             {{"class", std::string(name_of(failure.code()))}});
  of_class.total->add();
  if (const auto left_out = of_class.lines.admit(time_.steady()))
    log_.warn("command.failed", "command", lower(request.front()), "class", name_of(failure.code()), "reason",
              failure.detail(), "left_out", *left_out);
}

void error_replies::reply(std::string& out, const resp_request& request, const error& failure) {
  note(request, failure);
  const std::string prefix = "store unavailable (" + std::string(name_of(failure.code())) + "): ";
  resp_writer(out).error(failure.meaning().callers_fault ? failure.detail() : prefix + failure.detail());
}

void error_replies::reply_flag(std::string& out, const resp_request& request, const result<bool>& outcome) {
  if (outcome)
    resp_writer(out).integer(*outcome ? 1 : 0);
  else
    reply(out, request, outcome.error());
}

void error_replies::reply_done(std::string& out, const resp_request& request, const result<void>& outcome) {
  if (outcome)
    resp_writer(out).ok();
  else
    reply(out, request, outcome.error());
}

}  // namespace mooring::sessiond
