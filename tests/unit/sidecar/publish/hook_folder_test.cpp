#include "sidecar/publish/hook_folder.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "tests/support/temp_dir.hpp"

namespace mooring::sidecar {
namespace {

struct hook_folder_test : ::testing::Test {
  void put(const std::string& name, ::mode_t mode = 0755) {
    std::ofstream(dir.file(name)) << "#!/bin/sh\n";
    ::chmod(dir.file(name).c_str(), mode);
  }
  hook_folder read() { return read_hook_folder(dir.file("")).value(); }
  test::temp_dir dir;
};

TEST_F(hook_folder_test, hooks_come_in_the_order_of_their_names) {
  for (const char* name : {"20-dns", "10-balancer", "9"})
    put(name);
  EXPECT_EQ(read().hooks, (std::vector<std::string>{"10-balancer", "20-dns", "9"}));
}

TEST_F(hook_folder_test, what_editors_and_packages_leave_behind_is_no_hook) {
  for (const char* name : {"dns~", "dns.bak", ".dns.swp", "dns.dpkg-old", "README.md"})
    put(name);
  EXPECT_TRUE(read().hooks.empty());
  EXPECT_TRUE(read().refused.empty());
}

TEST_F(hook_folder_test, what_others_may_write_or_nobody_may_run_is_refused) {
  put("group", 0775);
  put("world", 0757);
  put("plain", 0644);
  ::mkdir(dir.file("folder").c_str(), 0755);
  EXPECT_EQ(::symlink("/nowhere", dir.file("link").c_str()), 0);
  EXPECT_TRUE(read().hooks.empty());
  EXPECT_EQ(read().refused.size(), 5U);
}

TEST(hook_owner, is_root_or_the_daemon_and_nobody_else_may_write) {
  EXPECT_EQ(why_others_may_change(0, 0755, 990), "");
  EXPECT_EQ(why_others_may_change(990, 0700, 990), "");
  EXPECT_NE(why_others_may_change(991, 0755, 990), "") << "its owner could change it while the daemon runs it";
  EXPECT_NE(why_others_may_change(991, 0755, 0), "") << "a daemon that is root trusts no other user";
  EXPECT_NE(why_others_may_change(0, 0775, 990), "");
  EXPECT_NE(why_others_may_change(990, 0757, 990), "");
}

TEST_F(hook_folder_test, of_another_owner_is_refused) {
  put("mine");
  put("theirs");
  // Only root can give a file away; the rule itself is tested above.
  if (::chown(dir.file("theirs").c_str(), 12345, 0) != 0) return;
  EXPECT_EQ(read().hooks, std::vector<std::string>{"mine"});
  ASSERT_EQ(read().refused.size(), 1U);
  EXPECT_NE(read().refused[0].find("belongs to user 12345"), std::string::npos) << read().refused[0];
}

TEST_F(hook_folder_test, a_folder_that_others_may_write_has_no_hooks_and_says_so) {
  put("hook");
  ::chmod(dir.file("").c_str(), 0775);
  const auto found = read_hook_folder(dir.file(""));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code(), errc::misconfigured);
  ::chmod(dir.file("").c_str(), 0755);
  EXPECT_EQ(read().hooks, std::vector<std::string>{"hook"});
}

TEST_F(hook_folder_test, a_link_is_as_safe_as_the_folder_that_it_leads_to) {
  test::temp_dir elsewhere;
  std::ofstream(elsewhere.file("hook")) << "#!/bin/sh\n";
  ::chmod(elsewhere.file("hook").c_str(), 0755);
  ASSERT_EQ(::symlink(elsewhere.file("hook").c_str(), dir.file("hook").c_str()), 0);
  EXPECT_EQ(read().hooks, std::vector<std::string>{"hook"});
  ::chmod(elsewhere.file("").c_str(), 0777);
  EXPECT_TRUE(read().hooks.empty()) << "others could put another file in its place";
  EXPECT_EQ(read().refused.size(), 1U);
}

TEST_F(hook_folder_test, a_folder_that_does_not_exist_has_no_hooks) {
  EXPECT_TRUE(read_hook_folder(dir.file("absent")).value().hooks.empty());
  put("file");
  EXPECT_EQ(read_hook_folder(dir.file("file")).error().code(), errc::io);
}

TEST_F(hook_folder_test, takes_as_many_as_the_limit_and_no_more) {
  for (std::size_t i = 0; i < max_hooks; ++i)
    put("h" + std::to_string(i));
  EXPECT_EQ(read().hooks.size(), max_hooks);
  EXPECT_TRUE(read().refused.empty());
  put("one-more");
  EXPECT_EQ(read().hooks.size(), max_hooks);
  EXPECT_EQ(read().refused.size(), 1U);
}

}  // namespace
}  // namespace mooring::sidecar
