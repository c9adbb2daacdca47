#include "mooring/credentials/chain.hpp"

#include <gtest/gtest.h>
#include <utime.h>

#include <fstream>

#include "tests/support/aws_answers.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/fake_environment.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/scripted_http.hpp"
#include "tests/support/temp_dir.hpp"

namespace mooring {
namespace {

using namespace std::chrono_literals;

class chain : public testing::Test {
 protected:
  chain() {
    env["AWS_SHARED_CREDENTIALS_FILE"] = dir.file("credentials");
    env["AWS_CONFIG_FILE"] = dir.file("config");
    env["AWS_EC2_METADATA_DISABLED"] = "true";
  }

  fetched_credentials fetch() {
    if (!subject) subject = make_credential_chain(env.view(), http, time, {"us-east-1"});
    return test::run_task(subject->fetch(time.steady() + 20s));
  }
  task<result<bool>> ask_whether_changed() { co_return co_await subject->changed(time.steady() + 20s); }
  bool changed() { return *test::run_task(ask_whether_changed()); }

  // The access key id, or the class and text of the error.
  std::string key() {
    const auto found = fetch();
    return found ? (*found)->keys.access_key_id : found.error().text();
  }
  void write(const std::string& name, const std::string& text) {
    std::ofstream(dir.file(name)) << text;
    const utimbuf stamp{++written_at, written_at};
    ::utime(dir.file(name).c_str(), &stamp);
  }
  void expect_error(errc code, const std::string& words) {
    const auto found = fetch();
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code(), code);
    EXPECT_NE(found.error().detail().find(words), std::string::npos) << found.error().detail();
  }
  static std::string pair(const std::string& id) { return "aws_access_key_id=" + id + "\naws_secret_access_key=s\n"; }
  std::string sent_key(std::size_t number) const {
    for (const auto& [name, value] : http.sent.at(number).headers)
      if (name == "authorization") return value.substr(0, value.find('/'));
    return "(not signed)";
  }

  test::temp_dir dir;
  test::fake_environment env;
  test::scripted_http http;
  test::fake_clock time;
  std::unique_ptr<credential_source> subject;
  std::time_t written_at = 2'000'000'000;
};

TEST_F(chain, goes_in_awss_order) {
  // Each step takes away what answered in the one before.
  write("credentials", "[default]\n" + pair("FILE"));
  write("answer", test::process_json("PROCESS", test::key_expiry));
  const std::string process = "credential_process = cat " + dir.file("answer") + "\n";
  const std::string in_config = "[default]\n" + process + pair("CONFIG");
  write("config", in_config + "role_arn=arn\nsource_profile=base\n[profile base]\n" + pair("BASE"));
  write("token", "jwt");
  env["AWS_ACCESS_KEY_ID"] = "ENV";
  env["AWS_SECRET_ACCESS_KEY"] = "s";
  env["AWS_WEB_IDENTITY_TOKEN_FILE"] = dir.file("token");
  env["AWS_ROLE_ARN"] = "arn";
  env["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/x";
  env["AWS_EC2_METADATA_DISABLED"] = "";
  EXPECT_EQ(key(), "ENV");
  env["AWS_ACCESS_KEY_ID"] = env["AWS_SECRET_ACCESS_KEY"] = "";
  http.answer(200, test::sts_answer("AssumeRole", "ROLE", test::key_expiry));
  EXPECT_EQ(key(), "ROLE");
  write("config", in_config);
  http.answer(200, test::sts_answer("AssumeRoleWithWebIdentity", "WEB", test::key_expiry));
  EXPECT_EQ(key(), "WEB");
  env["AWS_WEB_IDENTITY_TOKEN_FILE"] = "";
  EXPECT_EQ(key(), "FILE");
  write("credentials", "");
  EXPECT_EQ(key(), "PROCESS");
  write("config", "[default]\n" + pair("CONFIG"));
  EXPECT_EQ(key(), "CONFIG");
  write("config", "");
  http.answer(200, test::role_json("CONTAINER", test::key_expiry));
  EXPECT_EQ(key(), "CONTAINER");
  env["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "";
  http.answer(200, "session");
  http.answer(200, "role");
  http.answer(200, test::role_json("INSTANCE", test::key_expiry));
  EXPECT_EQ(key(), "INSTANCE");
  env["AWS_EC2_METADATA_DISABLED"] = "true";
  expect_error(errc::misconfigured, "no AWS credentials: set AWS_ACCESS_KEY_ID");
}

TEST_F(chain, a_source_that_is_set_up_and_broken_ends_the_search) {
  write("credentials", "[default]\n" + pair("FILE"));
  env["AWS_WEB_IDENTITY_TOKEN_FILE"] = "/nowhere/token";
  env["AWS_ROLE_ARN"] = "arn";
  expect_error(errc::misconfigured, "/nowhere/token");
}

TEST_F(chain, notices_rotated_files) {
  write("credentials", "[default]\n" + pair("ONE"));
  EXPECT_EQ(key(), "ONE");
  EXPECT_FALSE(changed());
  write("credentials", "[default]\n" + pair("TWO"));
  EXPECT_TRUE(changed());
  EXPECT_EQ(key(), "TWO");
  EXPECT_FALSE(changed());
  std::filesystem::remove(dir.file("credentials"));
  EXPECT_TRUE(changed());
}

TEST_F(chain, a_named_profile_must_be_there) {
  env["AWS_PROFILE"] = "shop";
  write("credentials", "[default]\n" + pair("FILE"));
  expect_error(errc::misconfigured, "AWS_PROFILE: there is no profile \"shop\"");
  write("config", "[profile shop]\n" + pair("SHOP"));
  EXPECT_EQ(key(), "SHOP");
}

TEST_F(chain, roles_may_lead_to_roles) {
  write("config",
        "[default]\nrole_arn=outer\nsource_profile=inner\nrole_session_name=node\n"
        "[profile inner]\nrole_arn=inner\nsource_profile=inner\n" +
            pair("STATIC"));
  http.answer(200, test::sts_answer("AssumeRole", "INNER", test::key_expiry));
  http.answer(200, test::sts_answer("AssumeRole", "OUTER", test::key_expiry));
  EXPECT_EQ(key(), "OUTER");
  EXPECT_EQ(sent_key(0), "AWS4-HMAC-SHA256 Credential=STATIC");
  EXPECT_EQ(sent_key(1), "AWS4-HMAC-SHA256 Credential=INNER");
  EXPECT_NE(http.sent[1].body.find("RoleArn=outer&RoleSessionName=node"), std::string::npos);
}

TEST_F(chain, roles_that_lead_nowhere_are_named) {
  write("config", "[default]\nrole_arn=a\nsource_profile=b\n[profile b]\nrole_arn=b\nsource_profile=default\n");
  expect_error(errc::misconfigured, "circle");
  write("config", "[default]\nrole_arn=a\nsource_profile=gone\n");
  expect_error(errc::misconfigured, "\"gone\"");
  write("config", "[default]\nrole_arn=a\nsource_profile=empty\n[profile empty]\nregion=x\n");
  expect_error(errc::misconfigured, "profile \"empty\": has no credentials");
  write("config", "[default]\nrole_arn=a\ncredential_source=Elsewhere\n");
  expect_error(errc::misconfigured, "\"Elsewhere\"");
}

TEST_F(chain, a_role_may_take_its_keys_from_environment_container_and_instance) {
  write("config", "[default]\nrole_arn=a\ncredential_source=EcsContainer\n");
  expect_error(errc::misconfigured, "credential_source is EcsContainer");
  env["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/x";
  http.answer(200, test::role_json("TASK", test::key_expiry));
  http.answer(200, test::sts_answer("AssumeRole", "ROLE", test::key_expiry));
  EXPECT_EQ(key(), "ROLE");
  EXPECT_EQ(sent_key(1), "AWS4-HMAC-SHA256 Credential=TASK");
  env["AWS_EC2_METADATA_DISABLED"] = "";
  write("config", "[default]\nrole_arn=a\ncredential_source=Ec2InstanceMetadata\n");
  for (const std::string& body :
       {std::string("session"), std::string("role"), test::role_json("INSTANCE", test::key_expiry)})
    http.answer(200, body);
  http.answer(200, test::sts_answer("AssumeRole", "ROLE", test::key_expiry));
  EXPECT_EQ(key(), "ROLE");
  EXPECT_EQ(sent_key(5), "AWS4-HMAC-SHA256 Credential=INSTANCE");
}

TEST_F(chain, a_profile_with_web_identity_and_one_with_single_sign_on) {
  write("token", "jwt");
  write("config", "[default]\nrole_arn=a\nweb_identity_token_file=" + dir.file("token") + "\n");
  http.answer(200, test::sts_answer("AssumeRoleWithWebIdentity", "WEB", test::key_expiry));
  EXPECT_EQ(key(), "WEB");
  write("config", "[default]\nsso_session=office\n");
  expect_error(errc::unsupported, "aws configure export-credentials --format process --profile default");
}

}  // namespace
}  // namespace mooring
