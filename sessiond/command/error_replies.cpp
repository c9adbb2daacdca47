#include "sessiond/command/error_replies.hpp"

#include "sessiond/resp/words.hpp"
#include "sessiond/resp/writer.hpp"

namespace mooring::sessiond {

void error_replies::note(const resp_request& request, const error& failure) {
  counter*& counted = errors_[failure.code()];
  if (counted == nullptr)
    counted = &registry_.make_counter("mooring_sessiond_errors_total", "Commands answered with an error",
                                      {{"class", std::string(name_of(failure.code()))}});
  counted->add();
  log_.warn("command.failed", "command", lower(request.front()), "class", name_of(failure.code()), "reason",
            failure.detail());
}

void error_replies::reply(std::string& out, const resp_request& request, const error& failure) {
  note(request, failure);
  const bool backend = failure.code() == errc::region_unavailable || failure.code() == errc::timed_out ||
                       failure.code() == errc::no_network || failure.code() == errc::throttled ||
                       failure.code() == errc::misconfigured || failure.code() == errc::io;
  resp_writer(out).error(backend
                             ? "store unavailable (" + std::string(name_of(failure.code())) + "): " + failure.detail()
                             : failure.detail());
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
