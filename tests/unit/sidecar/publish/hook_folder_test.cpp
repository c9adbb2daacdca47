#include "sidecar/publish/hook_folder.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

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
