// Hooks are real programs here: shell scripts that write down how they were called.
#include "sidecar/publish/hook_runner.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "tests/support/run_task.hpp"
#include "tests/support/temp_dir.hpp"

namespace mooring::sidecar {
namespace {

using namespace std::chrono_literals;

struct hook_runner_test : ::testing::Test {
  hook_runner_test() {
    config.node_folder = dir.file("");
    config.timeout = 5s;
    config.retry_pause = 1ms;
  }
  void put(const std::string& name, const std::string& script) {
    std::ofstream(dir.file(name)) << "#!/bin/sh\nnotes='" << dir.file("notes.txt") << "'\n" << script << "\n";
    ::chmod(dir.file(name).c_str(), 0755);
  }
  std::string notes() {
    std::ostringstream text;
    text << std::ifstream(dir.file("notes.txt")).rdbuf();
    return text.str();
  }
  bool run(
      std::function<bool()> outdated = [] { return false; }, std::function<bool()> forbidden = [] { return false; }) {
    hook_runner runner(config, "web-1", time, logger::to_string(lines), registry);
    region_move move;
    move.from = "us-east-1";
    move.to = "eu-west-1";
    move.epoch = 7;
    move.reason = "DNS: no addresses; \"quoted\" $(touch " + dir.file("injected") + ")";
    asio::io_context io(1);
    std::vector<std::string> names = test::run_task(io, runner.find(hook_kind::node, [] { return true; }));
    return test::run_task(
        io, runner.run(hook_kind::node, std::move(names), move, std::move(outdated), std::move(forbidden)));
  }
  double runs(const std::string& hook, const std::string& result) {
    const std::string line =
        "mooring_sidecar_hook_runs_total{kind=\"node\",hook=\"" + hook + "\",result=\"" + result + "\"} ";
    const std::string text = registry.render();
    const auto found = text.find(line);
    return found == std::string::npos ? 0 : std::stod(text.substr(found + line.size()));
  }

  test::temp_dir dir;
  hook_settings config;
  system_clock time;
  std::string lines;
  metrics registry;
};

TEST_F(hook_runner_test, a_hook_is_told_the_move_and_no_shell_reads_it) {
  put("tell", "echo \"$MOORING_FROM $MOORING_TO $MOORING_EPOCH $MOORING_NODE $MOORING_REASON\" > $notes");
  EXPECT_TRUE(run());
  EXPECT_EQ(notes(),
            "us-east-1 eu-west-1 7 web-1 DNS: no addresses; \"quoted\" $(touch " + dir.file("injected") + ")\n");
  struct ::stat facts = {};
  EXPECT_NE(::stat(dir.file("injected").c_str(), &facts), 0);
  EXPECT_EQ(runs("tell", "done"), 1);
}

TEST_F(hook_runner_test, hooks_run_one_after_the_other_and_one_that_fails_does_not_stop_the_next) {
  put("10", "echo 10 >> $notes; exit 3");
  put("20", "echo 20 >> $notes");
  EXPECT_FALSE(run());
  EXPECT_EQ(notes(), "10\n20\n");
  EXPECT_EQ(runs("10", "failed"), 1);
  EXPECT_EQ(runs("20", "done"), 1);
}

TEST_F(hook_runner_test, exit_75_is_tried_again_as_often_as_configured) {
  put("api", "echo try >> $notes; exit 75");
  config.tries = 4;
  EXPECT_FALSE(run());
  EXPECT_EQ(notes(), "try\ntry\ntry\ntry\n");
  EXPECT_EQ(runs("api", "retried"), 3);
  EXPECT_EQ(runs("api", "failed"), 1);
}

TEST_F(hook_runner_test, a_second_try_may_succeed) {
  put("api", "echo try >> $notes; test $(wc -l < $notes) -eq 2 || exit 75");
  EXPECT_TRUE(run());
  EXPECT_EQ(runs("api", "done"), 1);
}

TEST_F(hook_runner_test, other_exits_are_not_tried_again_and_their_last_words_are_logged) {
  put("token", "echo try >> $notes; echo 'TOKEN is refused; write another one' >&2; exit 1");
  EXPECT_FALSE(run());
  EXPECT_EQ(notes(), "try\n");
  EXPECT_NE(lines.find("TOKEN is refused; write another one"), std::string::npos);
}

TEST_F(hook_runner_test, one_that_hangs_is_ended_and_tried_again) {
  put("slow", "trap 'echo asked >> $notes; exit 0' TERM; sleep 60 & wait");
  config.timeout = 100ms;
  config.tries = 2;
  EXPECT_FALSE(run());
  EXPECT_EQ(notes(), "asked\nasked\n");
  EXPECT_EQ(runs("slow", "retried"), 1);
}

TEST_F(hook_runner_test, a_newer_move_ends_the_tries) {
  put("api", "echo try >> $notes; exit 75");
  int asked = 0;
  EXPECT_FALSE(run([&asked] { return ++asked > 1; }));
  EXPECT_EQ(notes(), "try\n");
  EXPECT_EQ(runs("api", "abandoned"), 1);
}

TEST_F(hook_runner_test, a_newer_move_and_a_stop_end_the_pause_between_two_tries) {
  put("api", "echo try >> $notes; exit 75");
  config.retry_pause = 60s;
  const auto never = [] { return false; };
  const auto tried = [this] { return !notes().empty(); };
  // Not while it runs, which would end it.
  const auto later = [&, since = steady_time::max()]() mutable {
    if (since == steady_time::max() && tried()) since = std::chrono::steady_clock::now();
    return since < std::chrono::steady_clock::now() - 300ms;
  };
  for (const auto& [outdated, forbidden] :
       std::vector<std::pair<std::function<bool()>, std::function<bool()>>>{{tried, never}, {never, later}}) {
    std::ofstream(dir.file("notes.txt")) << "";
    const auto begun = std::chrono::steady_clock::now();
    EXPECT_FALSE(run(outdated, forbidden));
    EXPECT_EQ(notes(), "try\n");
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 20s);
  }
}

TEST_F(hook_runner_test, a_refused_file_is_logged_and_fails_nothing) {
  put("good", "echo good >> $notes");
  put("open", "echo open >> $notes");
  ::chmod(dir.file("open").c_str(), 0777);
  EXPECT_TRUE(run());
  EXPECT_EQ(notes(), "good\n");
  EXPECT_NE(lines.find("event=hook.refused"), std::string::npos);
}

TEST_F(hook_runner_test, what_cannot_be_read_is_logged_though_no_hook_is_left_to_run) {
  config.node_folder = dir.file("file");
  std::ofstream(dir.file("file")) << "no folder\n";
  EXPECT_TRUE(run());
  EXPECT_NE(lines.find("event=hooks.unreadable"), std::string::npos);
}

TEST_F(hook_runner_test, what_cannot_be_started_is_a_failure) {
  put("broken", "");
  std::ofstream(dir.file("broken")) << "#!/nowhere/interpreter\n";
  EXPECT_FALSE(run());
  EXPECT_EQ(runs("broken", "failed"), 1);
}

TEST_F(hook_runner_test, without_hooks_there_is_nothing_to_fail) {
  EXPECT_TRUE(run());
}

// One variable of this process, for the time of a test.
struct own_variable {
  own_variable(const char* n, const char* value) : name(n) { ::setenv(n, value, 1); }
  ~own_variable() { ::unsetenv(name); }
  const char* name;
};

TEST_F(hook_runner_test, a_hook_gets_no_secret_of_the_daemon_and_what_the_settings_name) {
  const own_variable secret("DB_PASS", "hunter2");
  const own_variable unnamed("CONSUL_HTTP_TOKEN", "consul");
  const own_variable named("MY_TOKEN", "mine");
  const own_variable proxy("https_proxy", "http://proxy:3128");
  const own_variable conf("MOORING_HOOK_CONF_DIR", "/etc/elsewhere");
  config.environment = {"MY_TOKEN"};
  put("tell", "env > $notes");
  EXPECT_TRUE(run());
  EXPECT_EQ(notes().find("hunter2"), std::string::npos);
  EXPECT_EQ(notes().find("consul"), std::string::npos);
  for (const char* given : {"MY_TOKEN=mine\n", "https_proxy=http://proxy:3128\n",
                            "MOORING_HOOK_CONF_DIR=/etc/elsewhere\n", "MOORING_TO=eu-west-1\n", "PATH="})
    EXPECT_NE(notes().find(given), std::string::npos) << given;
}

TEST_F(hook_runner_test, a_hook_gets_no_open_file_of_the_daemon) {
  const int inheritable = ::open(dir.file("open").c_str(), O_RDWR | O_CREAT, 0600);
  put("tell", "ls /proc/self/fd | tr '\\n' ' ' > $notes");
  ::unlink(dir.file("open").c_str());
  EXPECT_TRUE(run());
  // Those of ls: the three that everybody has, and the folder that it reads.
  EXPECT_EQ(notes(), "0 1 2 3 ");
  ::close(inheritable);
}

TEST(hook_pause, doubles_up_to_its_limit_and_no_further) {
  EXPECT_EQ(next_hook_pause(100ms), 200ms);
  EXPECT_EQ(next_hook_pause(longest_hook_pause / 2), longest_hook_pause);
  EXPECT_EQ(next_hook_pause(longest_hook_pause / 2 + 1ms), longest_hook_pause);
  EXPECT_EQ(next_hook_pause(longest_hook_pause), longest_hook_pause);
}

TEST_F(hook_runner_test, who_may_not_go_on_ends_the_hook_that_runs_and_begins_no_other) {
  put("first", "trap 'echo ended >> $notes; exit 0' TERM; echo began >> $notes; while :; do sleep 0.05; done");
  put("second", "echo second >> $notes");
  const auto began = [this] { return !notes().empty(); };
  EXPECT_FALSE(run([] { return false; }, began));
  EXPECT_EQ(notes(), "began\nended\n") << "it was asked to end, and waited for";
  EXPECT_EQ(runs("first", "abandoned"), 1);
  EXPECT_EQ(runs("second", "abandoned"), 1);
  EXPECT_EQ(runs("first", "retried"), 0);
}

}  // namespace
}  // namespace mooring::sidecar
