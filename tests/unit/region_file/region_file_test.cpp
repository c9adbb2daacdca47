#include "mooring/region_file/region_file.hpp"

#include <gtest/gtest.h>

#include "mooring/base/small_file.hpp"
#include "mooring/region_file/epoch_guard.hpp"
#include "mooring/region_file/region_codec.hpp"
#include "tests/support/region_states.hpp"
#include "tests/support/temp_dir.hpp"

namespace mooring {
namespace {

using test::moved_state;

class region_file : public ::testing::Test {
 protected:
  test::temp_dir folder_;
  std::string path_ = folder_.file("region.json");
};

TEST_F(region_file, comes_back_as_it_was_written) {
  ASSERT_TRUE(write_region_state(path_, moved_state(4)));
  const auto read = read_region_state(path_);
  ASSERT_TRUE(read && *read);
  EXPECT_EQ(**read, moved_state(4));
}

TEST_F(region_file, is_nothing_before_the_first_publication) {
  const auto read = read_region_state(path_);
  ASSERT_TRUE(read);
  EXPECT_FALSE(read->has_value());
}

TEST_F(region_file, errors_name_the_file_and_the_fault) {
  ASSERT_TRUE(replace_small_file(path_, "{\"epoch\": \"4\"}", 0644));
  const auto damaged = read_region_state(path_);
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().detail(), path_ + ": \"epoch\" is not a whole number from 1 to 9007199254740991");
  ASSERT_TRUE(replace_small_file(path_, std::string(max_region_file_bytes + 1, ' '), 0644));
  EXPECT_EQ(read_region_state(path_).error().code(), errc::too_large);
  const auto homeless = write_region_state(folder_.file("absent/region.json"), moved_state(4));
  ASSERT_FALSE(homeless);
  EXPECT_NE(homeless.error().detail().find("absent/region.json"), std::string::npos);
}

TEST_F(region_file, a_state_that_nobody_could_read_leaves_the_old_file) {
  ASSERT_TRUE(write_region_state(path_, moved_state(4)));
  const auto refused = write_region_state(path_, moved_state(0));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().detail(), path_ + " is not written: epoch 0 is not from 1 to 9007199254740991");
  EXPECT_EQ((*read_region_state(path_))->epoch, 4U);
}

TEST(epoch_guard, follows_newer_epochs_and_skips_repeated_ones) {
  epoch_guard guard;
  EXPECT_EQ(*guard.admit(moved_state(7)), epoch_guard::newer);
  EXPECT_EQ(*guard.admit(moved_state(7)), epoch_guard::repeated);
  EXPECT_EQ(*guard.admit(moved_state(12)), epoch_guard::newer);
  EXPECT_EQ(guard.last()->epoch, 12U);
}

TEST(epoch_guard, refuses_an_older_epoch_and_keeps_what_it_had) {
  epoch_guard guard;
  ASSERT_TRUE(guard.admit(moved_state(7)));
  region_state older = moved_state(6);
  older.active = "us-east-1";
  const auto refused = guard.admit(older);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), errc::stale);
  EXPECT_EQ(refused.error().detail(), "epoch 6 is older than 7, which is followed already");
  EXPECT_EQ(*guard.last(), moved_state(7));
}

TEST(epoch_guard, refuses_other_content_under_a_known_epoch) {
  epoch_guard guard;
  ASSERT_TRUE(guard.admit(moved_state(7)));
  region_state other = moved_state(7);
  other.active = "us-east-1";
  const auto refused = guard.admit(other);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), errc::bad_data);
  EXPECT_EQ(guard.last()->active, "eu-west-1");
}

TEST(epoch_guard, a_reader_that_just_started_takes_any_epoch) {
  epoch_guard guard;
  EXPECT_FALSE(guard.last().has_value());
  EXPECT_EQ(*guard.admit(moved_state(1)), epoch_guard::newer);
}

}  // namespace
}  // namespace mooring
