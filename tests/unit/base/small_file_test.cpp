#include "mooring/base/small_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "tests/support/temp_dir.hpp"

namespace mooring {
namespace {

class small_file : public ::testing::Test {
 protected:
  test::temp_dir folder_;
  std::string path_ = folder_.file("state");
};

TEST_F(small_file, replaces_the_whole_file_and_leaves_nothing_beside_it) {
  ASSERT_TRUE(replace_small_file(path_, "a longer first content", 0600));
  ASSERT_TRUE(replace_small_file(path_, "second", 0600));
  EXPECT_EQ(**read_small_file(path_, 100), "second");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_.file("")), {}), 1);
}

TEST_F(small_file, has_the_mode_asked_for_whatever_the_umask_is) {
  const ::mode_t before = ::umask(0077);
  const auto written = replace_small_file(path_, "x", 0644);
  ::umask(before);
  ASSERT_TRUE(written);
  struct ::stat found {};
  ASSERT_EQ(::stat(path_.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777U, 0644U);
}

TEST_F(small_file, a_failed_replacement_leaves_the_old_file_and_no_temporary_one) {
  const std::string occupied = folder_.file("occupied");
  std::filesystem::create_directory(occupied);
  const auto written = replace_small_file(occupied, "x", 0644);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code(), errc::io);
  EXPECT_TRUE(std::filesystem::is_directory(occupied));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_.file("")), {}), 1);
}

TEST_F(small_file, says_which_folder_is_missing_and_what_to_do) {
  const auto written = replace_small_file(folder_.file("absent/state"), "x", 0644);
  ASSERT_FALSE(written);
  EXPECT_NE(written.error().detail().find("absent/state"), std::string::npos);
  EXPECT_NE(written.error().detail().find("its folder must exist"), std::string::npos);
}

TEST_F(small_file, reads_up_to_the_limit_and_refuses_one_byte_more) {
  ASSERT_TRUE(replace_small_file(path_, std::string(10'000, 'x'), 0600));
  EXPECT_EQ((*read_small_file(path_, 10'000))->size(), 10'000U);
  const auto refused = read_small_file(path_, 9'999);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), errc::too_large);
  EXPECT_EQ(refused.error().detail(), path_ + " is larger than 9999 bytes");
}

TEST_F(small_file, an_absent_file_is_nothing_and_an_empty_one_is_empty) {
  EXPECT_FALSE(read_small_file(path_, 10)->has_value());
  ASSERT_TRUE(replace_small_file(path_, "", 0600));
  EXPECT_EQ(**read_small_file(path_, 10), "");
}

TEST_F(small_file, a_folder_is_an_error_and_a_fifo_does_not_hold_up_the_reader) {
  const auto folder = read_small_file(folder_.file(""), 10);
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().code(), errc::io);
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  EXPECT_EQ(**read_small_file(path_, 10), "");
}

}  // namespace
}  // namespace mooring
