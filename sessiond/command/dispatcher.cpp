#include "sessiond/command/dispatcher.hpp"

#include <algorithm>
#include <utility>

#include "mooring/resp/words.hpp"

namespace mooring::sessiond {

namespace {

// Zero, which no command takes, for everything that is not a whole number.
std::int64_t seconds_in(const std::string& text) {
  return whole_number(text).value_or(0);
}

// Where keyed commands find the session's key, in place of its id.
constexpr std::size_t key_position = 2;

}  // namespace

std::vector<command> dispatcher::own_commands() {
  using method = task<void> (dispatcher::*)(client&, resp_request, std::string&);
  const auto bind = [this](method step) -> command_handler {
    return [this, step](client& who, resp_request request, std::string& out) {
      return (this->*step)(who, std::move(request), out);
    };
  };
  return {
      {"session.open", 3, 4, bind(&dispatcher::session_open), true},
      {"session.commit", 6, 6, bind(&dispatcher::session_commit), true},
      {"session.touch", 5, 5, bind(&dispatcher::session_touch), true},
      {"session.close", 4, 4, bind(&dispatcher::session_close), true},
      {"session.destroy", 2, 3, bind(&dispatcher::session_destroy), true},
      {"session.exists", 2, 3, bind(&dispatcher::session_exists), true},
      {"reset", 1, 1, bind(&dispatcher::reset)},
      {"ping", 1, 2, bind(&dispatcher::ping)},
      {"echo", 2, 2, bind(&dispatcher::echo)},
      {"info", 1, max_arguments, bind(&dispatcher::info)},
      {"metrics", 1, 1, bind(&dispatcher::metrics_text)},
      {"command", 1, max_arguments, bind(&dispatcher::command_list)},
      {"hello", 1, max_arguments, bind(&dispatcher::hello)},
      {"select", 2, 2, bind(&dispatcher::select), false, true},
      {"quit", 1, 1, bind(&dispatcher::quit)},
  };
}

dispatcher::dispatcher(session_service& sessions, const clock& time, const logger& log, metrics& registry,
                       server_facts facts)
    : sessions_(sessions), time_(time), registry_(registry), facts_(std::move(facts)), errors_(log, time, registry) {
  add(own_commands());
}

void dispatcher::speak(dialect& language) {
  dialects_.push_back(&language);
  add(language.commands(errors_));
}

void dispatcher::add(std::vector<command> commands) {
  for (command& c : commands) {
    if (durations_.count(c.name) == 0)
      durations_[c.name] =
          &registry_.make_histogram("mooring_sessiond_command_duration_seconds",
                                    "Time from request to reply, waiting for a lock included", {{"command", c.name}});
    std::string name = c.name;
    commands_.insert_or_assign(std::move(name), std::move(c));
  }
}

const command* dispatcher::find(const std::string& name) const {
  const auto found = commands_.find(name);
  return found == commands_.end() ? nullptr : &found->second;
}

task<void> dispatcher::finish_batch(client& who, std::string& out) {
  for (dialect* language : dialects_)
    co_await language->finish_batch(who, out);
  charge("batch", who);
}

void dispatcher::charge(const std::string& name, client& who) {
  const double units = std::exchange(who.spent_units, 0);
  if (units == 0) return;
  counter*& total = units_[name];
  if (total == nullptr)
    total = &registry_.make_counter("mooring_sessiond_capacity_units_total",
                                    "Capacity units of DynamoDB by the command that they were spent for; batch: a "
                                    "command of a pipeline that was put off",
                                    {{"command", name}});
  total->add(units);
}

bool dispatcher::is_busy(const client& who) const {
  const auto expects_more = [&who](const dialect* language) { return language->expects_release(who); };
  return !who.open.empty() || std::any_of(dialects_.begin(), dialects_.end(), expects_more);
}

void dispatcher::forget(client& who) {
  for (dialect* language : dialects_)
    language->forget(who);
  sessions_.release_all(who);
}

task<after_reply> dispatcher::run(client& who, resp_request request, std::string& out) {
  const std::string name = lower(request.front());
  const command* known = find(name);
  if (known == nullptr || !known->joins_batch) co_await finish_batch(who, out);
  if (known == nullptr) {
    resp_writer(out).error("unknown command '" + printable(request.front()) + "'");
    co_return after_reply::keep;
  }
  if (request.size() < known->least || request.size() > known->most) {
    resp_writer(out).error("wrong number of arguments for '" + name + "' command");
    co_return after_reply::keep;
  }
  if (known->keyed) {
    const bool has_key = request.size() == 2;
    auto key = has_key ? sessions_.checked_key(request[1]) : sessions_.key_of(request[1], request[2]);
    if (!key) {
      errors_.reply(out, request, key.error());
      co_return after_reply::keep;
    }
    request.resize(std::max(request.size(), key_position + 1));
    request[key_position] = std::move(*key);
  }
  const auto started = time_.steady();
  co_await known->run(who, std::move(request), out);
  charge(name, who);
  durations_[name]->observe(std::chrono::duration<double>(time_.steady() - started).count());
  co_return name == "quit" ? after_reply::close : after_reply::keep;
}

task<void> dispatcher::session_open(client& who, resp_request request, std::string& out) {
  const bool has_flag = request.size() == 4;
  if (has_flag && lower(request[3]) != "readonly") {
    resp_writer(out).error("unknown option '" + printable(request[3]) + "'; SESSION.OPEN takes READONLY");
    co_return;
  }
  const auto mode = has_flag ? open_mode::read_only : open_mode::exclusive;
  auto outcome = co_await sessions_.open(who, request[2], mode);
  const bool busy = !outcome && outcome.error().code() == errc::busy;
  if (busy && sessions_.reads_when_busy()) {
    errors_.note(request, outcome.error());
    outcome = co_await sessions_.open(who, request[2], open_mode::read_only);
  }
  if (!outcome) {
    errors_.reply(out, request, outcome.error());
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
  errors_.reply_done(out, request, outcome);
}

task<void> dispatcher::session_touch(client& who, resp_request request, std::string& out) {
  const std::int64_t ttl = seconds_in(request[4]);
  auto outcome = co_await sessions_.touch(who, request[2], request[3], ttl);
  errors_.reply_done(out, request, outcome);
}

task<void> dispatcher::session_close(client& who, resp_request request, std::string& out) {
  co_await sessions_.close(who, request[2], request[3]);
  resp_writer(out).ok();
}

task<void> dispatcher::session_destroy(client& who, resp_request request, std::string& out) {
  auto outcome = co_await sessions_.destroy(who, request[2]);
  errors_.reply_flag(out, request, outcome);
}

task<void> dispatcher::session_exists(client& who, resp_request request, std::string& out) {
  auto outcome = co_await sessions_.exists(who, request[2]);
  errors_.reply_flag(out, request, outcome);
}

// redis-cli asks COMMAND DOCS when it starts; an empty list makes it do without hints.
task<void> dispatcher::command_list(client&, resp_request request, std::string& out) {
  resp_writer reply(out);
  if (request.size() == 2 && lower(request[1]) == "count") {
    reply.integer(static_cast<std::int64_t>(commands_.size()));
    co_return;
  }
  if (request.size() > 1) {
    reply.array(0);
    co_return;
  }
  reply.array(commands_.size());
  for (const auto& [name, c] : commands_) {
    const bool exact = c.least == c.most;
    const auto arity = static_cast<std::int64_t>(c.least);
    reply.array(6);  // name, arity (negative: at least), flags, first key, last key, step
    reply.bulk(name);
    reply.integer(exact ? arity : -arity);
    reply.array(0);
    for (int i = 0; i < 3; ++i)
      reply.integer(0);
  }
}

}  // namespace mooring::sessiond
