// Hooks are real programs and the lease is in a real table.
#include "sidecar/publish/move_publisher.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "mooring/net/deadline.hpp"
#include "tests/support/dynamo_backend.hpp"
#include "tests/support/temp_dir.hpp"

namespace mooring::sidecar {
namespace {

using namespace std::chrono_literals;

struct move_publisher_test : ::testing::Test {
  move_publisher_test() {
    config.dynamodb.table = table.name();
    config.hooks.node_folder = dir.file("node.d");
    config.hooks.fleet_folder = dir.file("fleet.d");
    std::filesystem::create_directory(config.hooks.fleet_folder);
  }
  void put_fleet_hook(const std::string& script) {
    const std::string path = config.hooks.fleet_folder + "/hook";
    std::ofstream(path) << "#!/bin/sh\n" << script << "\n";
    ::chmod(path.c_str(), 0755);
  }
  // Until a move to eu-west-1 is published.
  void publish() {
    const auto find = [this](const std::string&) { return &table.client(); };
    const auto on_done = [this](region_epoch) { publisher->stop(); };
    publisher.emplace(config, "a", nginx, find, on_done, time, log, registry, io.get_executor());
    publisher->moved({"us-east-1", "eu-west-1", 2, "the test says so"});
    spawn(io.get_executor(), log, "publisher", publisher->run());
    io.restart();
    io.run();
  }

  asio::io_context io{1};
  test::fake_clock time;
  test::dynamo_table table{io, time};
  test::temp_dir dir;
  settings config;
  std::string lines;
  logger log = logger::to_string(lines);
  metrics registry;
  nginx_notifier nginx{config.publish, time, log, registry, io.get_executor()};
  std::optional<move_publisher> publisher;
};

TEST_F(move_publisher_test, a_renewal_that_is_under_way_when_the_hooks_are_done_ends_before_the_release) {
  put_fleet_hook("sleep " + std::to_string(fleet_heartbeat.count()) + ".5");
  // After the look and the claim. The renewal is stored at once, and its answer takes its time.
  table.http().skipped = 2;
  table.http().answered = true;
  bool alone = false;
  table.http().between = [&]() -> task<void> {
    const int sent = table.requests();
    co_await sleep_for(1500ms);
    alone = table.requests() == sent;
  };
  publish();
  EXPECT_TRUE(alone) << "the release waits for it";
  EXPECT_NE(lines.find("event=hook.done"), std::string::npos) << lines;
  EXPECT_EQ(lines.find("level=warn"), std::string::npos) << lines;
  fleet_lease other(table.name(), "b", time, log);
  const auto taken = test::run_task(io, other.take(table.client(), "eu-west-1", [] { return false; }));
  EXPECT_EQ(taken.value(), fleet_lease::turn::done_by_another);
}

TEST_F(move_publisher_test, a_refused_file_does_not_make_every_node_run_the_hooks) {
  put_fleet_hook("exit 0");
  std::ofstream(config.hooks.fleet_folder + "/notes") << "no program\n";
  publish();
  EXPECT_NE(lines.find("event=hook.refused"), std::string::npos) << lines;
  fleet_lease other(table.name(), "b", time, log);
  const auto taken = test::run_task(io, other.take(table.client(), "eu-west-1", [] { return false; }));
  EXPECT_EQ(taken.value(), fleet_lease::turn::done_by_another);
}

}  // namespace
}  // namespace mooring::sidecar
