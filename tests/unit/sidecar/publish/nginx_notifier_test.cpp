// nginx is played by scripts that note which region they would read.
#include "sidecar/publish/nginx_notifier.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "sidecar/publish/nginx_region_conf.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/temp_dir.hpp"

namespace mooring::sidecar {
namespace {

using namespace std::chrono_literals;

struct nginx_notifier_test : ::testing::Test {
  nginx_notifier_test() {
    config.nginx_region_conf = dir.file("region.conf");
    config.nginx_test = {put("test", "")};
    config.nginx_reload = {put("reload", "sed -n 's/.*DYNAMODB_REGION \\(.*\\);/\\1/p' " + config.nginx_region_conf +
                                             " >> " + dir.file("told"))};
  }
  std::string put(const std::string& name, const std::string& script) {
    std::ofstream(dir.file(name)) << "#!/bin/sh\n" << script << "\n";
    ::chmod(dir.file(name).c_str(), 0755);
    return dir.file(name);
  }
  std::string text(const std::string& name) {
    std::ostringstream out;
    out << std::ifstream(dir.file(name)).rdbuf();
    return out.str();
  }
  void begin() {
    notifier.emplace(config, time, logger::to_string(lines), registry, io.get_executor());
    spawn(io.get_executor(), logger::to_string(lines), "nginx", notifier->run());
  }
  void run_for(milliseconds span) {
    io.restart();
    io.run_for(span);
  }
  // At most `patience`, until `event` is logged.
  bool logs(const std::string& event, milliseconds patience = 5s) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (lines.find("event=" + event) == std::string::npos && std::chrono::steady_clock::now() < end)
      run_for(20ms);
    return lines.find("event=" + event) != std::string::npos;
  }
  bool counts(const std::string& sample) { return registry.render().find(sample + "\n") != std::string::npos; }
  void end() {
    notifier->stop();
    io.restart();
    io.run();
  }

  test::temp_dir dir;
  publish_settings config;
  system_clock time;
  std::string lines;
  metrics registry;
  asio::io_context io{1};
  std::optional<nginx_notifier> notifier;
};

TEST_F(nginx_notifier_test, a_start_tells_nginx_though_the_file_is_right) {
  ASSERT_TRUE(write_nginx_region_conf(config.nginx_region_conf, "us-east-1"));
  begin();
  notifier->notify("us-east-1");
  EXPECT_TRUE(logs("nginx.reloaded"));
  notifier->notify("us-east-1");
  run_for(300ms);
  end();
  EXPECT_EQ(text("told"), "us-east-1\n") << "and once";
  EXPECT_TRUE(counts("mooring_sidecar_nginx_reloads_total 1"));
}

TEST_F(nginx_notifier_test, an_nginx_that_refuses_is_told_again_and_has_its_former_file_meanwhile) {
  ASSERT_TRUE(write_nginx_region_conf(config.nginx_region_conf, "us-east-1"));
  put("test", "test -e " + dir.file("fixed"));
  begin();
  notifier->notify("eu-west-1");
  ASSERT_TRUE(logs("nginx.not_reloaded"));
  EXPECT_NE(text("region.conf").find("us-east-1"), std::string::npos);
  std::ofstream(dir.file("fixed")) << "";
  EXPECT_TRUE(logs("nginx.reloaded"));
  end();
  EXPECT_EQ(text("told"), "eu-west-1\n");
}

TEST_F(nginx_notifier_test, a_newer_region_is_told_at_once_and_not_after_the_pause) {
  put("test", "! grep -q eu-west-1 " + config.nginx_region_conf);
  begin();
  notifier->notify("eu-west-1");
  ASSERT_TRUE(logs("nginx.not_reloaded"));
  notifier->notify("us-east-1");
  EXPECT_TRUE(logs("nginx.reloaded", nginx_soon - 500ms));
  end();
  EXPECT_EQ(text("told"), "us-east-1\n");
}

TEST_F(nginx_notifier_test, what_comes_while_nginx_is_told_is_told_next) {
  put("test", "sleep 0.2");
  begin();
  notifier->notify("eu-west-1");
  run_for(100ms);
  notifier->notify("us-east-1");
  run_for(1s);
  end();
  EXPECT_EQ(text("told"), "eu-west-1\nus-east-1\n");
}

TEST_F(nginx_notifier_test, without_a_command_to_reload_it_says_that_the_file_is_written) {
  config.nginx_reload.clear();
  begin();
  notifier->notify("us-east-1");
  EXPECT_TRUE(logs("nginx.region_written"));
  end();
  EXPECT_EQ(lines.find("nginx.reloaded"), std::string::npos);
  EXPECT_TRUE(counts("mooring_sidecar_nginx_reloads_total 0"));
}

// Root may read every folder, so it must not be root that reads this one.
struct not_root {
  not_root() { EXPECT_EQ(::seteuid(::geteuid() == 0 ? nobody : ::geteuid()), 0); }
  ~not_root() { EXPECT_EQ(::seteuid(::getuid()), 0); }
  static constexpr ::uid_t nobody = 65534;
};

TEST_F(nginx_notifier_test, a_write_that_fails_after_the_file_was_replaced_is_followed_by_a_reload) {
  const std::string folder = dir.file("run");
  std::filesystem::create_directory(folder);
  config.nginx_region_conf = folder + "/region.conf";
  config.nginx_reload = {put("reload", "echo reload >> " + dir.file("told"))};
  nginx_reload nginx(config, time, logger::to_string(lines), registry);
  const auto publish = [&](const std::string& region) {
    return test::run_task(nginx.publish(region, [] { return false; }));
  };
  ASSERT_TRUE(publish("us-east-1"));
  ::chmod(dir.file("").c_str(), 0711);
  ASSERT_EQ(::chown(folder.c_str(), ::geteuid() == 0 ? not_root::nobody : ::geteuid(), ::gid_t(-1)), 0);
  ::chmod(folder.c_str(), 0300);
  {
    const not_root now;
    EXPECT_FALSE(publish("eu-west-1")) << "the folder cannot be read, so it cannot be synced";
  }
  ::chmod(folder.c_str(), 0755);
  EXPECT_NE(text("run/region.conf").find("eu-west-1"), std::string::npos);
  EXPECT_TRUE(publish("eu-west-1"));
  EXPECT_EQ(text("told"), "reload\nreload\n");
}

TEST_F(nginx_notifier_test, a_stop_ends_a_command_that_hangs) {
  put("test", "sleep 30");
  begin();
  notifier->notify("us-east-1");
  run_for(100ms);
  const auto begun = std::chrono::steady_clock::now();
  end();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 5s);
  EXPECT_EQ(lines.find("nginx.not_reloaded"), std::string::npos);
}

}  // namespace
}  // namespace mooring::sidecar
