#include "sidecar/publish/nginx_region_conf.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/support/temp_dir.hpp"

namespace mooring::sidecar {
namespace {

class nginx_region_conf : public ::testing::Test {
 protected:
  std::string content() const {
    std::ifstream file(path_);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }

  test::temp_dir folder_;
  std::string path_ = folder_.file("region.conf");
};

TEST_F(nginx_region_conf, writes_both_names_readable_for_nginx) {
  const ::mode_t before = ::umask(0077);
  const auto written = write_nginx_region_conf(path_, "us-east-1");
  ::umask(before);
  ASSERT_TRUE(written);
  EXPECT_TRUE(*written);
  EXPECT_EQ(content(),
            "# Written by mooring-sidecar; changes are overwritten.\n"
            "fastcgi_param DYNAMODB_REGION us-east-1;\n"
            "fastcgi_param AWS_REGION us-east-1;\n");
  struct ::stat found {};
  ASSERT_EQ(::stat(path_.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777U, 0644U);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_.file("")), {}), 1) << "no temporary file is left";
}

TEST_F(nginx_region_conf, leaves_a_right_file_alone_and_replaces_a_wrong_one) {
  ASSERT_TRUE(write_nginx_region_conf(path_, "us-east-1"));
  const auto again = write_nginx_region_conf(path_, "us-east-1");
  ASSERT_TRUE(again);
  EXPECT_FALSE(*again);
  const auto other = write_nginx_region_conf(path_, "eu-west-1");
  ASSERT_TRUE(other);
  EXPECT_TRUE(*other);
  EXPECT_NE(content().find("AWS_REGION eu-west-1;"), std::string::npos);
}

TEST_F(nginx_region_conf, names_the_file_it_cannot_write) {
  const auto written = write_nginx_region_conf(folder_.file("absent/region.conf"), "us-east-1");
  ASSERT_FALSE(written);
  EXPECT_NE(written.error().detail().find("absent/region.conf"), std::string::npos);
}

TEST_F(nginx_region_conf, refuses_a_region_that_nginx_would_take_for_more_than_a_word) {
  for (const char* region : {"", "us east", "us-east-1; include /etc/passwd", "us\n", "$host"}) {
    const auto written = write_nginx_region_conf(path_, region);
    ASSERT_FALSE(written) << region;
    EXPECT_EQ(written.error().code(), errc::misconfigured);
  }
  EXPECT_FALSE(std::filesystem::exists(path_));
}

}  // namespace
}  // namespace mooring::sidecar
