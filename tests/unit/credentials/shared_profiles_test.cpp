#include "mooring/credentials/shared_profiles.hpp"

#include <gtest/gtest.h>

namespace mooring {
namespace {

using way = profile_plan::way;

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

TEST(profiles_in, knows_the_forms_of_a_section_and_skips_foreign_ones) {
  const auto found = profiles_in(
      "[default]\nRegion = a\n[profile \"two words\"]\nrole_arn = r ; no comment\n[sso-session s]\nregion = x\n"
      "[profiled]\nregion = y\n[profile]\nregion = z\n[open\nregion = w\n[profile last] # said later\nregion=e",
      shared_file::config);
  const profile_map expected{
      {"default", {{"region", "a"}}}, {"two words", {{"role_arn", "r ; no comment"}}}, {"last", {{"region", "e"}}}};
  EXPECT_EQ(found, expected);
}

TEST(profiles_in, tells_nested_settings_from_indented_ones) {
  const auto found = profiles_in("[default]\ns3 =\n  region = nested\nregion = top\n[shop]\n  region = indented\n",
                                 shared_file::credentials);
  EXPECT_EQ(found.at("default").at("region"), "top");
  EXPECT_EQ(found.at("shop").at("region"), "indented");
}

class plan_of : public testing::Test {
 protected:
  result<profile_plan> operator()(const std::string& credentials_text, const std::string& config_text) {
    shared_profiles files;
    files.credentials_file = profiles_in(credentials_text, shared_file::credentials);
    files.config_file = profiles_in(config_text, shared_file::config);
    return plan_of_profile(files, "default");
  }
  const std::string keys = "aws_access_key_id=A\naws_secret_access_key=S\n";
  const std::string process = "credential_process=/bin/tool\n";
};

TEST_F(plan_of, follows_awss_order) {
  auto& plan = *this;
  const std::string section = "[default]\n";
  const std::string role = "role_arn=arn\nsource_profile=base\n";
  const std::string token = "role_arn=arn\nweb_identity_token_file=/token\n";
  EXPECT_EQ(plan(section + keys, section + role + process)->how, way::assume_role);
  EXPECT_EQ(plan(section + keys, section + token + process)->how, way::web_identity);
  EXPECT_EQ(plan(section + keys, section + process + "sso_session=s\n")->how, way::single_sign_on);
  EXPECT_EQ(plan(section + keys, section + process)->how, way::static_keys);
  EXPECT_EQ(plan("", section + process + keys)->how, way::process);
  EXPECT_EQ(plan("", section + keys)->how, way::static_keys);
  EXPECT_EQ(plan("", section + "region=x\n")->how, way::nothing);
  EXPECT_EQ(plan("", "")->how, way::nothing);
}

TEST_F(plan_of, refuses_half_settings) {
  auto& plan = *this;
  EXPECT_EQ(plan("", "[default]\nrole_arn=arn\n").error().code(), errc::misconfigured);
  EXPECT_EQ(plan("", "[default]\nrole_arn=arn\nsource_profile=a\ncredential_source=Environment\n").error().code(),
            errc::misconfigured);
  EXPECT_EQ(plan("", "[default]\nweb_identity_token_file=/t\n").error().code(), errc::misconfigured);
  const auto with_code = plan("", "[default]\nrole_arn=arn\nsource_profile=a\nmfa_serial=m\n");
  EXPECT_EQ(with_code.error().code(), errc::unsupported);
}

}  // namespace
}  // namespace mooring
