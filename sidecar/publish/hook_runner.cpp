#include "hook_runner.hpp"

#include <sysexits.h>

#include "hook_environment.hpp"
#include "hook_folder.hpp"
#include "mooring/net/child_process.hpp"
#include "pause.hpp"

namespace mooring::sidecar {
namespace {

// The last line that says something.
std::string last_line(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r'))
    text.pop_back();
  return text.substr(text.rfind('\n') + 1);
}

}  // namespace

const char* name_of(hook_kind kind) {
  return kind == hook_kind::node ? "node" : "fleet";
}

void hook_runner::count(hook_kind kind, const std::string& name, const char* result) {
  counter*& total = results_[std::string(name_of(kind)) + "/" + name + "/" + result];
  if (total == nullptr)
    total = &registry_.make_counter("mooring_sidecar_hook_runs_total",
                                    "Runs of hooks by result: done, retried, failed, abandoned.",
                                    {{"kind", name_of(kind)}, {"hook", name}, {"result", result}});
  total->add();
}

task<std::vector<std::string>> hook_runner::find(hook_kind kind, std::function<bool()> outdated) {
  const auto look = [path = folder(kind)] { return read_hook_folder(path); };
  for (;;) {
    auto found = co_await disk_.run(look, hook_folder_time);
    if (found) {
      for (const std::string& reason : found->refused)
        log_.warn("hook.refused", "kind", name_of(kind), "reason", reason);
      co_return std::move(found->hooks);
    }
    log_.warn("hooks.unreadable", "kind", name_of(kind), "reason", found.error().detail());
    if (found.error().code() != errc::timed_out) co_return std::vector<std::string>();
    co_await pause_unless(outdated, hook_folder_pause);
    if (outdated()) co_return std::vector<std::string>();
  }
}

task<bool> hook_runner::run(hook_kind kind, std::vector<std::string> names, region_move move,
                            std::function<bool()> outdated, std::function<bool()> forbidden) {
  bool all = true;
  for (const std::string& name : names) {
    const bool done = co_await run_one(kind, name, move, outdated, forbidden);
    all = all && done;
  }
  co_return all;
}

task<bool> hook_runner::run_one(hook_kind kind, std::string name, region_move move, std::function<bool()> outdated,
                                std::function<bool()> forbidden) {
  const std::function<bool()> unwanted = [&] { return outdated() || forbidden(); };
  milliseconds pause = config_.retry_pause;
  for (std::int64_t tries = 1;; ++tries) {
    attempt outcome = attempt::abandoned;
    if (!unwanted()) outcome = co_await run_once(kind, name, move, forbidden);
    if (outcome == attempt::done) co_return true;
    if (outcome == attempt::abandoned) {
      count(kind, name, "abandoned");
      co_return false;
    }
    if (outcome == attempt::failed || tries >= config_.tries) {
      count(kind, name, "failed");
      log_.error("hook.failed", "kind", name_of(kind), "hook", name, "epoch", move.epoch, "to", move.to, "tries",
                 tries);
      co_return false;
    }
    count(kind, name, "retried");
    co_await pause_unless(unwanted, pause);
    pause = next_hook_pause(pause);
  }
}

task<hook_runner::attempt> hook_runner::run_once(hook_kind kind, std::string name, region_move move,
                                                 std::function<bool()> forbidden) {
  program hook;
  hook.words = {folder(kind) + "/" + name};
  hook.environment = {{"MOORING_FROM", move.from},
                      {"MOORING_TO", move.to},
                      {"MOORING_EPOCH", std::to_string(move.epoch)},
                      {"MOORING_REASON", move.reason},
                      {"MOORING_NODE", node_}};
  hook.inherits = [this](std::string_view variable) { return hook_inherits(variable, config_.environment); };
  hook.keep_tail = true;
  hook.term_grace = hook_term_grace;
  hook.unwanted = std::move(forbidden);
  const steady_time started = time_.steady();
  auto said = co_await run_process(std::move(hook), started + config_.timeout);
  const auto took = std::chrono::duration_cast<milliseconds>(time_.steady() - started).count();
  if (said && said->exit_code == 0) {
    count(kind, name, "done");
    log_.info("hook.done", "kind", name_of(kind), "hook", name, "epoch", move.epoch, "to", move.to, "ms", took, "said",
              last_line(said->output));
    co_return attempt::done;
  }
  const std::string reason = said ? last_line(said->error_tail) : said.error().detail();
  log_.warn("hook.not_done", "kind", name_of(kind), "hook", name, "epoch", move.epoch, "exit",
            said ? said->exit_code : -1, "reason", reason, "ms", took);
  if (!said && said.error().code() == errc::cancelled) co_return attempt::abandoned;
  if (!said) co_return said.error().code() == errc::timed_out ? attempt::again : attempt::failed;
  constexpr int signalled = 128;
  co_return said->exit_code == EX_TEMPFAIL || said->exit_code > signalled ? attempt::again : attempt::failed;
}

}  // namespace mooring::sidecar
