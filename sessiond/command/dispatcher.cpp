#include "sessiond/command/dispatcher.hpp"

#include <algorithm>
#include <charconv>

namespace mooring::sessiond {

struct dispatcher::command {
  const char* name;
  std::size_t least;  // arguments, the name included
  std::size_t most;
  handler run;
  bool keyed;  // arguments 1 and 2 are a session's name and id
};

const dispatcher::command dispatcher::commands[] = {
    {"session.open", 3, 4, &dispatcher::session_open, true},
    {"session.commit", 6, 6, &dispatcher::session_commit, true},
    {"session.touch", 5, 5, &dispatcher::session_touch, true},
    {"session.close", 4, 4, &dispatcher::session_close, true},
    {"session.destroy", 3, 3, &dispatcher::session_destroy, true},
    {"session.exists", 3, 3, &dispatcher::session_exists, true},
    {"reset", 1, 1, &dispatcher::reset, false},
    {"ping", 1, 2, &dispatcher::ping, false},
    {"echo", 2, 2, &dispatcher::echo, false},
    {"info", 1, 2, &dispatcher::info, false},
    {"metrics", 1, 1, &dispatcher::metrics_text, false},
    {"command", 1, max_arguments, &dispatcher::command_list, false},
    {"hello", 1, max_arguments, &dispatcher::hello, false},
    {"select", 2, 2, &dispatcher::select, false},
    {"quit", 1, 1, &dispatcher::quit, false},
};

namespace {

constexpr std::size_t longest_echoed_name = 64;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
  return text;
}

// Zero, which no command takes, for everything that is not a whole number.
std::int64_t seconds_in(const std::string& text) {
  std::int64_t out = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), out);
  return ec == std::errc{} && end == text.data() + text.size() ? out : 0;
}

std::string printable(const std::string& name) {
  std::string out = name.substr(0, longest_echoed_name);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c < 0x20 || c > 0x7e; }, '?');
  return out;
}

}  // namespace

dispatcher::dispatcher(session_service& sessions, const clock& time, const logger& log, metrics& registry,
                       server_facts facts)
    : sessions_(sessions), time_(time), log_(log), registry_(registry), facts_(std::move(facts)) {
  for (const command& c : commands)
    durations_[c.name] =
        &registry_.make_histogram("mooring_sessiond_command_duration_seconds",
                                  "Time from request to reply, waiting for a lock included", {{"command", c.name}});
}

const dispatcher::command* dispatcher::find(const std::string& name) {
  const auto found =
      std::find_if(std::begin(commands), std::end(commands), [&name](const command& c) { return name == c.name; });
  return found == std::end(commands) ? nullptr : &*found;
}

task<after_reply> dispatcher::run(client& who, resp_request request, std::string& out) {
  const std::string name = lower(request.front());
  const command* known = find(name);
  if (known == nullptr) {
    resp_writer(out).error("unknown command '" + printable(request.front()) + "'");
    co_return after_reply::keep;
  }
  if (request.size() < known->least || request.size() > known->most) {
    resp_writer(out).error("wrong number of arguments for '" + name + "' command");
    co_return after_reply::keep;
  }
  if (known->keyed) {
    auto key = sessions_.key_of(request[1], request[2]);
    if (!key) {
      reply_error(out, request, key.error());
      co_return after_reply::keep;
    }
    request[2] = std::move(*key);
  }
  const auto started = time_.steady();
  who.spent_units = 0;
  co_await (this->*known->run)(who, std::move(request), out);
  if (who.spent_units > 0) units_of(name).add(who.spent_units);
  durations_[name]->observe(std::chrono::duration<double>(time_.steady() - started).count());
  co_return name == "quit" ? after_reply::close : after_reply::keep;
}

counter& dispatcher::units_of(const std::string& name) {
  counter*& known = units_[name];
  if (known == nullptr)
    known = &registry_.make_counter("mooring_sessiond_capacity_units_total",
                                    "Capacity units of DynamoDB by the command that they were spent for",
                                    {{"command", name}});
  return *known;
}

void dispatcher::reply_error(std::string& out, const resp_request& request, const error& failure) {
  error_class& of_class = errors_[failure.code()];
  if (of_class.total == nullptr)
    of_class.total = &registry_.make_counter("mooring_sessiond_errors_total", "Commands answered with an error",
                                             {{"class", std::string(name_of(failure.code()))}});
  of_class.total->add();
  const bool callers_own = failure.code() == errc::invalid_argument || failure.code() == errc::stale ||
                           failure.code() == errc::too_large || failure.code() == errc::busy;
  if (const auto left_out = of_class.lines.admit(time_.steady()))
    log_.warn("command.failed", "command", lower(request.front()), "class", name_of(failure.code()), "reason",
              failure.detail(), "left_out", *left_out);
  const std::string prefix = "store unavailable (" + std::string(name_of(failure.code())) + "): ";
  resp_writer(out).error(callers_own ? failure.detail() : prefix + failure.detail());
}

void dispatcher::reply_flag(std::string& out, const resp_request& request, const result<bool>& outcome) {
  if (outcome)
    resp_writer(out).integer(*outcome ? 1 : 0);
  else
    reply_error(out, request, outcome.error());
}

void dispatcher::reply_done(std::string& out, const resp_request& request, const result<void>& outcome) {
  if (outcome)
    resp_writer(out).ok();
  else
    reply_error(out, request, outcome.error());
}

task<void> dispatcher::session_open(client& who, resp_request request, std::string& out) {
  const bool has_flag = request.size() == 4;
  if (has_flag && lower(request[3]) != "readonly") {
    resp_writer(out).error("unknown option '" + printable(request[3]) + "'; SESSION.OPEN takes READONLY");
    co_return;
  }
  const auto mode = has_flag ? open_mode::read_only : open_mode::exclusive;
  auto outcome = co_await sessions_.open(who, request[2], mode);
  if (!outcome) {
    reply_error(out, request, outcome.error());
    co_return;
  }
  resp_writer reply(out);
  reply.array(2);
  for (const auto& part : {std::cref(outcome->token), std::cref(outcome->data)}) {
    if (part.get())
      reply.bulk(*part.get());
    else
      reply.nil();
  }
}

task<void> dispatcher::session_commit(client& who, resp_request request, std::string& out) {
  const std::int64_t ttl = seconds_in(request[4]);
  std::string data = std::move(request[5]);
  auto outcome = co_await sessions_.commit(who, request[2], request[3], ttl, std::move(data));
  reply_done(out, request, outcome);
}

task<void> dispatcher::session_touch(client& who, resp_request request, std::string& out) {
  const std::int64_t ttl = seconds_in(request[4]);
  auto outcome = co_await sessions_.touch(who, request[2], request[3], ttl);
  reply_done(out, request, outcome);
}

task<void> dispatcher::session_close(client& who, resp_request request, std::string& out) {
  sessions_.close(who, request[2], request[3]);
  resp_writer(out).ok();
  co_return;
}

task<void> dispatcher::session_destroy(client& who, resp_request request, std::string& out) {
  auto outcome = co_await sessions_.destroy(who, request[2]);
  reply_flag(out, request, outcome);
}

task<void> dispatcher::session_exists(client& who, resp_request request, std::string& out) {
  auto outcome = co_await sessions_.exists(who, request[2]);
  reply_flag(out, request, outcome);
}

// redis-cli asks COMMAND DOCS when it starts; an empty list makes it do without hints.
task<void> dispatcher::command_list(client&, resp_request request, std::string& out) {
  resp_writer reply(out);
  if (request.size() == 2 && lower(request[1]) == "count") {
    reply.integer(static_cast<std::int64_t>(std::size(commands)));
    co_return;
  }
  if (request.size() > 1) {
    reply.array(0);
    co_return;
  }
  reply.array(std::size(commands));
  for (const command& c : commands) {
    const bool exact = c.least == c.most;
    const auto arity = static_cast<std::int64_t>(c.least);
    reply.array(6);  // name, arity (negative: at least), flags, first key, last key, step
    reply.bulk(c.name);
    reply.integer(exact ? arity : -arity);
    reply.array(0);
    for (int i = 0; i < 3; ++i)
      reply.integer(0);
  }
}

}  // namespace mooring::sessiond
