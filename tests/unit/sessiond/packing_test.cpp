#include "sessiond/store/packing.hpp"

#include <gtest/gtest.h>

#include "mooring/base/digest.hpp"
#include "sessiond/store/item_size.hpp"

namespace mooring::sessiond {
namespace {

constexpr std::size_t limit = 64 * 1024;

TEST(packing, gives_back_every_byte) {
  for (const std::string& data : {std::string("a"), std::string(limit, 'x'), random_bytes(limit)})
    EXPECT_EQ(unpack(pack(data), limit).value(), data);
}

TEST(packing, refuses_what_holds_more_than_the_limit_before_it_unpacks) {
  const std::string bomb = pack(std::string(limit + 1, 'x'));
  EXPECT_LT(bomb.size(), 100U);
  EXPECT_EQ(unpack(bomb, limit).error().code(), errc::bad_data);
}

TEST(packing, refuses_frames_that_are_cut_changed_or_followed_by_something) {
  const std::string frame = pack(std::string(500, 'x') + random_bytes(500));
  for (std::size_t size = 0; size < frame.size(); ++size)
    ASSERT_FALSE(unpack(frame.substr(0, size), limit)) << size;
  EXPECT_FALSE(unpack(frame + "x", limit));
  EXPECT_FALSE(unpack(frame + frame, limit));
  EXPECT_FALSE(unpack("no frame at all", limit));
  EXPECT_FALSE(unpack(std::string("\x50\x2a\x4d\x18\x01\x00\x00\x00x", 9), limit)) << "a skippable frame holds nothing";
}

// RFC 8878: magic, a header without content size, one raw block of one byte that is the last.
TEST(packing, refuses_a_frame_that_does_not_say_how_much_it_holds) {
  EXPECT_FALSE(unpack(std::string("\x28\xb5\x2f\xfd\x00\x58\x09\x00\x00x", 10), limit));
}

TEST(item_size, counts_begun_units) {
  EXPECT_EQ(write_units(0), 1U);
  EXPECT_EQ(write_units(1024), 1U);
  EXPECT_EQ(write_units(1025), 2U);
  EXPECT_EQ(write_units(400 * 1024), 400U);
}

TEST(item_size, only_a_unit_less_is_worth_packing) {
  EXPECT_FALSE(saves_a_write_unit(1024, 100));
  EXPECT_TRUE(saves_a_write_unit(1025, 1024));
  EXPECT_FALSE(saves_a_write_unit(1025, 1025));
  EXPECT_FALSE(saves_a_write_unit(2048, 1025));
  EXPECT_TRUE(saves_a_write_unit(3000, 2048));
  EXPECT_FALSE(saves_a_write_unit(1000, 5000));
}

TEST(item_size, is_names_and_values) {
  item stored;
  EXPECT_EQ(item_bytes(stored), 0U);
  stored["data"] = attribute::binary(std::string(100, 'x'));
  EXPECT_EQ(item_bytes(stored), 104U);
  stored["expires"] = attribute::number(1'800'000'000);
  EXPECT_EQ(item_bytes(stored), 104U + 7 + 6);
}

}  // namespace
}  // namespace mooring::sessiond
