#include <gtest/gtest.h>

#include <fstream>

#include "src/credentials/container_source.hpp"
#include "src/credentials/environment_source.hpp"
#include "src/credentials/instance_source.hpp"
#include "src/credentials/web_identity_source.hpp"
#include "tests/support/aws_answers.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/fake_environment.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/scripted_http.hpp"
#include "tests/support/temp_dir.hpp"

namespace mooring {
namespace {

using namespace std::chrono_literals;

class source : public testing::Test {
 protected:
  fetched_credentials fetch(credential_source& from) { return test::run_task(from.fetch(time.steady() + 30s)); }
  std::string header(std::size_t number, const std::string& name) const {
    for (const auto& [key, value] : http.sent.at(number).headers)
      if (key == name) return value;
    return "(none)";
  }

  test::fake_environment env;
  test::scripted_http http;
  test::fake_clock time;
  test::temp_dir dir;
};

using environment_keys = source;

TEST_F(environment_keys, need_both_halves) {
  environment_source subject(env.view());
  EXPECT_FALSE(*fetch(subject));
  env["AWS_ACCESS_KEY_ID"] = "AKID";
  EXPECT_EQ(fetch(subject).error().code(), errc::misconfigured);
  env["AWS_SECRET_ACCESS_KEY"] = "secret";
  env["AWS_SESSION_TOKEN"] = "token";
  const auto found = fetch(subject);
  EXPECT_EQ((*found)->keys.session_token, "token");
  EXPECT_FALSE((*found)->expires);
  env["AWS_SECRET_ACCESS_KEY"] = "HIDDEN\n";
  EXPECT_EQ(fetch(subject).error().detail().find("HIDDEN"), std::string::npos);
}

using container = source;

TEST_F(container, is_asked_over_the_relative_uri_without_a_proxy) {
  container_source subject(env.view(), http, time, 1ms);
  EXPECT_FALSE(*fetch(subject));
  env["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/v2/credentials/x";
  env["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://10.0.0.1/not-asked";
  http.answer(200, test::role_json("ASIAC", test::key_expiry));
  const auto found = fetch(subject);
  ASSERT_TRUE(found) << found.error().text();
  EXPECT_EQ((*found)->keys.access_key_id, "ASIAC");
  EXPECT_EQ((*found)->source, "container");
  EXPECT_EQ(http.sent[0].url, "http://169.254.170.2/v2/credentials/x");
  EXPECT_EQ(http.sent[0].method, "GET");
  EXPECT_TRUE(http.sent[0].direct);
  EXPECT_EQ(header(0, "authorization"), "(none)");
}

TEST_F(container, the_token_file_is_read_each_time_and_wins) {
  container_source subject(env.view(), http, time, 1ms);
  env["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://169.254.170.23/v1/credentials";
  env["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "from-environment";
  http.answer(200, test::role_json("ASIAC", test::key_expiry));
  ASSERT_TRUE(fetch(subject));
  EXPECT_EQ(header(0, "authorization"), "from-environment");
  env["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = dir.file("token");
  EXPECT_EQ(fetch(subject).error().code(), errc::misconfigured) << "the file is not there";
  for (const char* token : {"first", "second"}) {
    std::ofstream(dir.file("token")) << token;
    http.answer(200, test::role_json("ASIAC", test::key_expiry));
    ASSERT_TRUE(fetch(subject));
    EXPECT_EQ(header(http.sent.size() - 1, "authorization"), token);
  }
  std::ofstream(dir.file("token")) << "forged\r\nX-Other: 1";
  EXPECT_EQ(fetch(subject).error().code(), errc::misconfigured);
  EXPECT_EQ(http.sent.size(), 3u);
}

TEST_F(container, silence_is_tried_three_times_a_refusal_once) {
  container_source subject(env.view(), http, time, 1ms);
  env["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/x";
  http.fail(errc::timed_out);
  http.answer(500, "");
  http.answer(200, test::role_json("ASIAC", test::key_expiry));
  ASSERT_TRUE(fetch(subject));
  EXPECT_EQ(http.sent.size(), 3u);
  EXPECT_EQ(fetch(subject).error().code(), errc::region_unavailable);
  EXPECT_EQ(http.sent.size(), 6u);
  http.answer(403, R"({"code":"AccessDenied","message":"wrong token"})");
  const auto refused = fetch(subject);
  EXPECT_EQ(http.sent.size(), 7u);
  EXPECT_EQ(refused.error().code(), errc::misconfigured);
  EXPECT_NE(refused.error().detail().find("AccessDenied: wrong token"), std::string::npos);
}

using instance = source;

TEST_F(instance, speaks_version_2_of_the_metadata_service) {
  instance_source subject(env.view(), http, time);
  http.answer(200, "session");
  http.answer(200, "shop-role\n");
  http.answer(200, test::role_json("ASIAI", test::key_expiry));
  const auto found = fetch(subject);
  ASSERT_TRUE(found) << found.error().text();
  EXPECT_EQ((*found)->keys.access_key_id, "ASIAI");
  EXPECT_TRUE((*found)->outlive_expiry);
  ASSERT_EQ(http.sent.size(), 3u);
  EXPECT_EQ(http.sent[0].method, "PUT");
  EXPECT_EQ(http.sent[0].url, "http://169.254.169.254/latest/api/token");
  EXPECT_EQ(header(0, "x-aws-ec2-metadata-token-ttl-seconds"), "21600");
  EXPECT_EQ(http.sent[1].method, "GET");
  EXPECT_EQ(http.sent[1].url, "http://169.254.169.254/latest/meta-data/iam/security-credentials/");
  EXPECT_EQ(http.sent[2].url, "http://169.254.169.254/latest/meta-data/iam/security-credentials/shop-role");
  for (const std::size_t number : {1u, 2u})
    EXPECT_EQ(header(number, "x-aws-ec2-metadata-token"), "session");
  for (const auto& request : http.sent)
    EXPECT_TRUE(request.direct);
}

TEST_F(instance, can_be_switched_off_and_moved) {
  instance_source subject(env.view(), http, time);
  env["AWS_EC2_METADATA_DISABLED"] = "True";
  EXPECT_FALSE(*fetch(subject));
  EXPECT_TRUE(http.sent.empty());
  env["AWS_EC2_METADATA_DISABLED"] = "false";
  env["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"] = "IPv6";
  fetch(subject);
  EXPECT_EQ(http.sent.back().url, "http://[fd00:ec2::254]/latest/api/token");
  env["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = "http://127.0.0.1:81/";
  fetch(subject);
  EXPECT_EQ(http.sent.back().url, "http://127.0.0.1:81/latest/api/token");
  env["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = "gopher://x";
  EXPECT_EQ(fetch(subject).error().code(), errc::misconfigured);
}

TEST_F(instance, tells_silence_from_an_instance_without_a_role) {
  instance_source subject(env.view(), http, time);
  http.fail(errc::timed_out);
  EXPECT_EQ(fetch(subject).error().code(), errc::timed_out);
  EXPECT_EQ(http.sent.size(), 1u) << "one try";
  http.answer(200, "session");
  http.answer(404, "");
  const auto no_role = fetch(subject);
  EXPECT_EQ(no_role.error().code(), errc::misconfigured);
  EXPECT_NE(no_role.error().detail().find("AWS_EC2_METADATA_DISABLED=true"), std::string::npos);
  http.answer(404, "another cloud");
  EXPECT_EQ(fetch(subject).error().code(), errc::misconfigured);
  http.answer(200, "session\r\nX-Forged: 1");
  EXPECT_EQ(fetch(subject).error().code(), errc::bad_data);
  http.answer(503, "");
  EXPECT_EQ(fetch(subject).error().code(), errc::region_unavailable);
}

using web_identity = source;

TEST_F(web_identity, exchanges_the_file_as_it_is_now) {
  sts_client sts(http, time, {"us-east-1"}, "");
  web_identity_source subject(env.view(), sts);
  EXPECT_FALSE(*fetch(subject));
  env["AWS_WEB_IDENTITY_TOKEN_FILE"] = dir.file("token");
  EXPECT_NE(fetch(subject).error().detail().find("AWS_ROLE_ARN"), std::string::npos);
  env["AWS_ROLE_ARN"] = "arn";
  EXPECT_EQ(fetch(subject).error().code(), errc::misconfigured) << "no file";
  for (const char* token : {"one", "two"}) {
    std::ofstream(dir.file("token")) << token << "\n";
    http.answer(200, test::sts_answer("AssumeRoleWithWebIdentity", "ASIAW", test::key_expiry));
    const auto found = fetch(subject);
    ASSERT_TRUE(found) << found.error().text();
    EXPECT_EQ((*found)->keys.access_key_id, "ASIAW");
    const std::string& body = http.sent.back().body;
    EXPECT_NE((body + "&").find(std::string("WebIdentityToken=") + token + "&"), std::string::npos) << body;
  }
}

}  // namespace
}  // namespace mooring
