#include <gtest/gtest.h>

#include "src/credentials/sts_client.hpp"
#include "src/credentials/sts_xml.hpp"
#include "tests/support/aws_answers.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/scripted_http.hpp"

namespace mooring {
namespace {

using namespace std::chrono_literals;

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  return text.replace(text.find(what), what.size(), with);
}

TEST(sts_xml, reads_the_four_fields) {
  const auto found = credentials_in_sts_xml(test::sts_answer("AssumeRole", "ASIA1", test::key_expiry), "AssumeRole");
  ASSERT_TRUE(found) << found.error().text();
  EXPECT_EQ(found->keys.access_key_id, "ASIA1");
  EXPECT_EQ(found->keys.secret_access_key, "secret/+=");
  EXPECT_EQ(found->keys.session_token, "token-of-sts");
  EXPECT_EQ(unix_seconds(*found->expires), 1'800'003'600);
  const std::string escaped =
      replaced(test::sts_answer("AssumeRole", "A", test::key_expiry), "secret/+=", "a&amp;&#x3D;&#65;");
  EXPECT_EQ(credentials_in_sts_xml(escaped, "AssumeRole")->keys.secret_access_key, "a&=A");
  EXPECT_TRUE(credentials_in_sts_xml("<?xml version=\"1.0\"?>\n" + escaped, "AssumeRole"));
}

TEST(sts_xml, refuses_what_is_not_exactly_that) {
  const std::string good = test::sts_answer("AssumeRole", "ASIA1", test::key_expiry);
  const std::string id = "<AccessKeyId>ASIA1</AccessKeyId>";
  for (const std::string& wrong :
       {std::string(), std::string("<html><body>Gateway"), std::string("{}"), good + "x", good + good,
        good.substr(0, good.size() - 3), replaced(good, id, ""), replaced(good, id, id + id),
        replaced(good, id, "<AccessKeyId>A<b/></AccessKeyId>"), replaced(good, id, "<AccessKeyId></AccessKeyId>"),
        replaced(good, id, "<AccessKeyId>A&#10;B</AccessKeyId>"), replaced(good, id, "<AccessKeyId>&x;</AccessKeyId>"),
        replaced(good, id, "<!-- -->" + id), replaced(good, id, "<![CDATA[x]]>" + id),
        replaced(good, "token-of-sts", ""), replaced(good, test::key_expiry, "soon"),
        "<!DOCTYPE x [<!ENTITY a \"b\">]>" + good, replaced(good, "</Credentials>", "</Creds>"),
        test::sts_answer("GetSessionToken", "A", test::key_expiry)})
    EXPECT_FALSE(credentials_in_sts_xml(wrong, "AssumeRole")) << wrong;
}

TEST(sts_xml, has_limits) {
  std::string deep;
  std::string end;
  for (std::size_t i = 0; i < deepest_xml; ++i) {
    deep += "<a>";
    end += "</a>";
  }
  EXPECT_TRUE(leaves_of_xml(deep + end));
  EXPECT_FALSE(leaves_of_xml(deep + "<a/>" + end));
  std::string many;
  for (std::size_t i = 0; i < most_xml_leaves; ++i)
    many += "<b/>";
  EXPECT_EQ(leaves_of_xml("<a>" + many + "</a>")->size(), most_xml_leaves);
  EXPECT_FALSE(leaves_of_xml("<a>" + many + "<b/></a>"));
  EXPECT_EQ(leaves_of_xml("<a>" + std::string(64 * 1024, 'x') + "</a>").error().code(), errc::too_large);
}

TEST(sts_error, tells_what_may_pass_from_what_a_person_must_change) {
  const auto code_of = [](long status, const std::string& code, const std::string& message) {
    return sts_error(status, test::sts_refusal(code, message), "AssumeRole", "r").code();
  };
  EXPECT_EQ(code_of(403, "AccessDenied", "not authorized"), errc::misconfigured);
  EXPECT_EQ(code_of(400, "ExpiredTokenException", "Token expired"), errc::misconfigured);
  EXPECT_EQ(code_of(400, "IDPCommunicationError", "the provider is slow"), errc::region_unavailable);
  EXPECT_EQ(code_of(503, "ServiceUnavailable", ""), errc::region_unavailable);
  EXPECT_EQ(code_of(400, "Throttling", "Rate exceeded"), errc::throttled);
  EXPECT_EQ(code_of(403, "SignatureDoesNotMatch", "Signature expired: x is now earlier than y"), errc::clock_skew);
  EXPECT_EQ(sts_error(502, "<html>", "AssumeRole", "r").code(), errc::region_unavailable);
  const auto denied = sts_error(403, test::sts_refusal("AccessDenied", "no\n\ttrust"), "AssumeRole", "eu-west-1");
  EXPECT_EQ(denied.detail().rfind("STS AssumeRole in eu-west-1: HTTP 403 AccessDenied: no  trust; check", 0), 0u);
}

class sts : public testing::Test {
 protected:
  sts_client client(std::vector<std::string> regions) { return sts_client(http, time, std::move(regions), ""); }
  std::optional<std::string_view> sent_header(std::size_t number, std::string_view name) {
    http_response as_response;
    as_response.headers = http.sent.at(number).headers;
    const auto found = as_response.header(name);
    if (!found) return std::nullopt;
    kept = *found;
    return kept;
  }
  result<temporary_credentials> assume(sts_client& with) {
    role_request role;
    role.role_arn = "arn:aws:iam::1:role/shop";
    role.external_id = "a b";
    role.duration_seconds = "900";
    credentials keys;
    keys.access_key_id = "AKIDLENT";
    keys.secret_access_key = "s";
    keys.session_token = "lent-token";
    return test::run_task(with.assume_role(role, keys, time.steady() + 10s));
  }

  test::scripted_http http;
  test::fake_clock time;
  std::string kept;
};

TEST_F(sts, assume_role_is_a_signed_form) {
  http.answer(200, test::sts_answer("AssumeRole", "ASIA1", test::key_expiry));
  auto one = client({"eu-west-1"});
  ASSERT_TRUE(assume(one));
  EXPECT_EQ(http.sent[0].url, "https://sts.eu-west-1.amazonaws.com/");
  EXPECT_EQ(http.sent[0].method, "POST");
  EXPECT_EQ(http.sent[0].body,
            "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fshop&RoleSessionName="
            "mooring-1800000000&DurationSeconds=900&ExternalId=a%20b");
  const auto authorization = sent_header(0, "authorization");
  ASSERT_TRUE(authorization);
  EXPECT_NE(authorization->find("Credential=AKIDLENT/20270115/eu-west-1/sts/aws4_request"), std::string::npos);
  EXPECT_EQ(sent_header(0, "x-amz-security-token"), "lent-token");
}

TEST_F(sts, web_identity_is_not_signed) {
  http.answer(200, test::sts_answer("AssumeRoleWithWebIdentity", "ASIA2", test::key_expiry));
  auto one = client({"cn-north-1"});
  role_request role;
  role.role_arn = "arn";
  role.session_name = "me";
  const auto found = test::run_task(one.assume_role_with_web_identity(role, "ey.J0/+", time.steady() + 10s));
  ASSERT_TRUE(found) << found.error().text();
  EXPECT_EQ(http.sent[0].url, "https://sts.cn-north-1.amazonaws.com.cn/");
  EXPECT_EQ(http.sent[0].body,
            "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn&RoleSessionName=me&WebIdentityToken="
            "ey.J0%2F%2B");
  EXPECT_FALSE(sent_header(0, "authorization"));
}

TEST_F(sts, the_second_region_helps_when_the_first_is_ill_but_not_when_it_refuses) {
  http.fail(errc::region_unavailable);
  http.answer(200, test::sts_answer("AssumeRole", "ASIA1", test::key_expiry));
  auto two = client({"us-east-1", "us-west-2"});
  ASSERT_TRUE(assume(two));
  EXPECT_EQ(http.sent.at(1).url, "https://sts.us-west-2.amazonaws.com/");
  http.answer(403, test::sts_refusal("AccessDenied", "no"));
  EXPECT_EQ(assume(two).error().code(), errc::misconfigured);
  EXPECT_EQ(http.sent.size(), 3u);
}

TEST_F(sts, a_wrong_clock_is_corrected_once) {
  http_headers ten_minutes_later{{"date", "Fri, 15 Jan 2027 08:10:00 GMT"}};
  http.answer(403, test::sts_refusal("SignatureDoesNotMatch", "Signature expired: x"), ten_minutes_later);
  http.answer(200, test::sts_answer("AssumeRole", "ASIA1", test::key_expiry));
  auto one = client({"us-east-1"});
  ASSERT_TRUE(assume(one));
  EXPECT_EQ(sent_header(0, "x-amz-date"), "20270115T080000Z");
  EXPECT_EQ(sent_header(1, "x-amz-date"), "20270115T081000Z");
}

}  // namespace
}  // namespace mooring
