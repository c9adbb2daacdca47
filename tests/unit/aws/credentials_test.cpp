#include "mooring/aws/credentials.hpp"

#include <gtest/gtest.h>
#include <utime.h>

#include <fstream>

#include "tests/support/temp_dir.hpp"

namespace mooring {
namespace {

constexpr const char* shared_text =
    "# comment\n[default]\naws_access_key_id = AKID\r\naws_secret_access_key=SECRET/+=\n\n"
    "[ shop ]\n[profile shop]\naws_access_key_id=P\naws_secret_access_key=Q\naws_session_token=T\n[half]\n"
    "aws_access_key_id = only\n";

TEST(profile_keys, reads_both_kinds_of_shared_file) {
  const auto plain = profile_keys(shared_text, "default", shared_file::credentials);
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->access_key_id, "AKID");
  EXPECT_EQ(plain->secret_access_key, "SECRET/+=");
  const auto shop = profile_keys(shared_text, "shop", shared_file::config);
  ASSERT_TRUE(shop);
  EXPECT_EQ(shop->session_token, "T");
}

TEST(profile_keys, gives_nothing_for_half_a_pair_and_for_absent_profiles) {
  EXPECT_FALSE(profile_keys(shared_text, "half", shared_file::credentials));
  EXPECT_FALSE(profile_keys(shared_text, "other", shared_file::credentials));
  EXPECT_FALSE(profile_keys("", "default", shared_file::credentials));
}

TEST(credentials_chain, the_environment_comes_before_the_files_which_are_read_again_when_they_change) {
  test::temp_dir dir;
  std::map<std::string, std::string> values{{"AWS_SHARED_CREDENTIALS_FILE", dir.file("credentials")},
                                            {"AWS_CONFIG_FILE", dir.file("config")}};
  auto chain = make_credentials_chain([&values](const std::string& name) -> std::optional<std::string> {
    const auto found = values.find(name);
    if (found == values.end()) return std::nullopt;
    return found->second;
  });
  EXPECT_EQ(chain->current().error().code(), errc::misconfigured);
  std::ofstream(dir.file("credentials")) << shared_text;
  EXPECT_EQ(chain->current()->access_key_id, "AKID");
  std::ofstream(dir.file("credentials")) << "[default]\naws_access_key_id=NEW\naws_secret_access_key=S\n";
  const utimbuf later{2'000'000'000, 2'000'000'000};
  ::utime(dir.file("credentials").c_str(), &later);
  EXPECT_EQ(chain->current()->access_key_id, "NEW");
  values["AWS_ACCESS_KEY_ID"] = "ENV";
  values["AWS_SECRET_ACCESS_KEY"] = "S";
  EXPECT_EQ(chain->current()->access_key_id, "ENV");
}

}  // namespace
}  // namespace mooring
