#include "process_source.hpp"

#include <algorithm>

#include "command_line.hpp"
#include "json_answer.hpp"
#include "key_rules.hpp"
#include "mooring/net/child_process.hpp"

namespace mooring {
namespace {

using namespace std::chrono_literals;

constexpr auto longest_run = 60s;

}  // namespace

task<result<temporary_credentials>> credentials_from_process(std::string command, steady_time deadline) {
  auto words = split_command(command);
  if (!words) co_return error(errc::misconfigured, "credential_process: " + words.error().detail());
  const std::string name = words->front();
  program helper;
  helper.words = std::move(*words);
  helper.output_limit = longest_answer;
  const auto end = std::min(deadline, std::chrono::steady_clock::now() + longest_run);
  auto said = co_await run_process(std::move(helper), end);
  if (!said) co_return error(said.error().code(), "credential_process: " + said.error().detail());
  const std::string from = "credential_process " + name;
  if (said->exit_code != 0) {
    const std::string reason = one_line(said->error_tail);
    co_return error(errc::io, from + ": ended with code " + std::to_string(said->exit_code) +
                                  (reason.empty() ? " and gave no reason" : ": " + reason));
  }
  auto found = credentials_in_json(said->output, json_dialect::process, from);
  if (found) found->source = "credential_process";
  co_return found;
}

}  // namespace mooring
