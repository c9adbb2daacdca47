#include <gtest/gtest.h>

#include "src/credentials/command_line.hpp"
#include "src/credentials/container_address.hpp"
#include "src/credentials/instance_source.hpp"
#include "src/credentials/iso_time.hpp"
#include "src/credentials/json_answer.hpp"
#include "src/credentials/key_rules.hpp"
#include "tests/support/aws_answers.hpp"

namespace mooring {
namespace {

std::int64_t seconds_of(std::string_view text) {
  const auto found = parse_iso_time(text);
  return found ? unix_seconds(*found) : -1;
}

TEST(iso_time, reads_what_aws_writes) {
  EXPECT_EQ(seconds_of("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(seconds_of("2027-01-15T08:00:00Z"), 1'800'000'000);
  EXPECT_EQ(seconds_of("2027-01-15T08:00:00.123456Z"), 1'800'000'000);
  EXPECT_EQ(seconds_of("2027-01-15T09:00:00+01:00"), 1'800'000'000);
  EXPECT_EQ(seconds_of("2027-01-15T02:30:00-0530"), 1'800'000'000);
  EXPECT_EQ(seconds_of("2028-02-29T00:00:00Z"), 1'835'395'200);
  EXPECT_EQ(format_iso_time(wall_time(seconds(1'800'000'000))), "2027-01-15T08:00:00Z");
}

TEST(iso_time, refuses_everything_else) {
  for (const char* wrong :
       {"", "2027-01-15", "2027-01-15T08:00:00", "2027-02-29T00:00:00Z", "2027-13-01T00:00:00Z", "2027-01-15T24:00:00Z",
        "2027-01-15 08:00:00Z", "1969-12-31T23:59:59Z", "9999-01-01T00:00:00Z", "2027-01-15T08:00:00+1",
        "2027-01-15T08:00:00Z ", "2027-01-15T08:00:00.Z", "1800000000", "+027-01-15T08:00:00Z"})
    EXPECT_FALSE(parse_iso_time(wrong)) << wrong;
}

TEST(credential_json, reads_the_three_dialects) {
  const std::string until = "2027-01-15T08:00:00Z";
  const auto process = credentials_in_json(test::process_json("AKID", until), json_dialect::process, "p");
  ASSERT_TRUE(process) << process.error().text();
  EXPECT_EQ(process->keys.session_token, "token");
  EXPECT_EQ(unix_seconds(*process->expires), 1'800'000'000);
  const auto container = credentials_in_json(test::role_json("AKID", until), json_dialect::container, "c");
  ASSERT_TRUE(container) << container.error().text();
  EXPECT_EQ(container->keys.access_key_id, "AKID");
  EXPECT_TRUE(credentials_in_json(test::role_json("AKID", until), json_dialect::instance, "i"));
}

TEST(credential_json, only_a_process_gives_keys_for_good) {
  const auto for_good = credentials_in_json(test::process_json("AKID", ""), json_dialect::process, "p");
  ASSERT_TRUE(for_good);
  EXPECT_FALSE(for_good->expires);
  EXPECT_FALSE(
      credentials_in_json(R"({"AccessKeyId":"A","SecretAccessKey":"S","Token":"T"})", json_dialect::container, "c"));
}

TEST(credential_json, refuses_what_is_not_credentials_and_repeats_no_secret) {
  const std::string until = R"("Expiration":"2027-01-15T08:00:00Z")";
  for (const std::string& wrong :
       {std::string(), std::string("[]"), std::string("{"), std::string(R"({"Version":1})"),
        R"({"Version":2,"AccessKeyId":"A","SecretAccessKey":"HIDDEN",)" + until + "}",
        R"({"Version":1,"AccessKeyId":5,"SecretAccessKey":"HIDDEN",)" + until + "}",
        R"({"Version":1,"AccessKeyId":"A\r\nX: y","SecretAccessKey":"HIDDEN",)" + until + "}",
        std::string(R"({"Version":1,"AccessKeyId":"A","SecretAccessKey":"HIDDEN","Expiration":"tomorrow"})"),
        std::string(longest_answer + 1, ' ')}) {
    const auto found = credentials_in_json(wrong, json_dialect::process, "p");
    ASSERT_FALSE(found) << wrong;
    EXPECT_FALSE(found.error().meaning().transient);
    EXPECT_EQ(found.error().detail().find("HIDDEN"), std::string::npos);
  }
}

TEST(credential_json, an_instance_says_failure_with_status_200) {
  const auto found = credentials_in_json(R"({"Code":"AssumeRoleUnauthorizedAccess","Message":"EC2 cannot assume it"})",
                                         json_dialect::instance, "i");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code(), errc::misconfigured);
  EXPECT_NE(found.error().detail().find("AssumeRoleUnauthorizedAccess: EC2 cannot assume it"), std::string::npos);
}

TEST(split_command, cuts_as_a_shell_would) {
  using words = std::vector<std::string>;
  EXPECT_EQ(split_command("/bin/tool get  --x=1\t").value(), (words{"/bin/tool", "get", "--x=1"}));
  EXPECT_EQ(split_command(R"("C:\a b" 'it''s' a\ b "")").value(), (words{"C:\\a b", "its", "a b", ""}));
  EXPECT_EQ(split_command(R"(tool "say \"hi\" \\ \n")").value(), (words{"tool", "say \"hi\" \\ \\n"}));
  EXPECT_EQ(split_command("tool $HOME ; rm *|x `y`").value(), (words{"tool", "$HOME", ";", "rm", "*|x", "`y`"}));
}

TEST(split_command, refuses_lines_that_have_no_clear_words) {
  for (const std::string& wrong : {std::string(), std::string("  \t"), std::string("a 'b"), std::string("a \"b"),
                                   std::string("a \\"), std::string("a\0b", 3), std::string("'' b")})
    EXPECT_EQ(split_command(wrong).error().code(), errc::misconfigured) << wrong;
}

TEST(container_address, lets_the_token_travel_to_trusted_hosts_only) {
  EXPECT_EQ(container_url_of_relative("/v2/credentials/x").value(), "http://169.254.170.2/v2/credentials/x");
  for (const char* wrong : {"", "v2", "@evil.example/", "/a b", "/a\r\nb", "/a#b"})
    EXPECT_FALSE(container_url_of_relative(wrong)) << wrong;
  for (const char* right :
       {"https://anywhere.example/x", "http://127.0.0.1:81/x", "http://localhost/x", "http://169.254.170.2/x",
        "http://169.254.170.23/v1/credentials", "http://[fd00:ec2::23]/v1/credentials", "http://[::1]:81?x"})
    EXPECT_TRUE(container_url_of_full(right)) << right;
  for (const char* wrong :
       {"", "ftp://127.0.0.1/", "http://10.0.0.1/", "http://169.254.169.254/", "http://127.0.0.1@evil.example/",
        "https://user@host/", "http://127.0.0.1.evil.example/", "http://localhost.evil/", "http:///x", "https://",
        "http://[::1", "http://127.0.0.1:80x/", "http://127.0.0.1\\@evil/", "http://127.0.0.1#@evil/", "http://[::2]/",
        "HTTP://127.0.0.1/"})
    EXPECT_FALSE(container_url_of_full(wrong)) << wrong;
}

TEST(container_address, refuses_tokens_that_would_forge_headers) {
  EXPECT_EQ(container_authorization("Basic abc", "T").value(), "Basic abc");
  for (const char* wrong : {"", "a\n", "a\r\nX: y", "a\x01"}) {
    const auto refused = container_authorization(wrong, "TOKEN_FILE");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().detail().rfind("TOKEN_FILE: ", 0), 0u);
  }
  EXPECT_TRUE(container_authorization(std::string(longest_token, 'a'), "T"));
  EXPECT_FALSE(container_authorization(std::string(longest_token + 1, 'a'), "T"));
}

TEST(role_in_list, takes_the_first_name_and_nothing_strange) {
  EXPECT_EQ(role_in_list("shop-role").value(), "shop-role");
  EXPECT_EQ(role_in_list("a+=,.@_-B9\nother").value(), "a+=,.@_-B9");
  EXPECT_TRUE(role_in_list(std::string(64, 'r')));
  for (const std::string& wrong : {std::string(), std::string("\n"), std::string("a/../b"), std::string("a b"),
                                   std::string("<html>"), std::string(65, 'r')})
    EXPECT_FALSE(role_in_list(wrong)) << wrong;
}

TEST(one_line, keeps_the_end_without_control_signs) {
  EXPECT_EQ(one_line("first\nlast \r\n\n"), "first last");
  EXPECT_EQ(one_line("0123456789", 4), "6789");
  EXPECT_EQ(one_line("\n \n"), "");
}

}  // namespace
}  // namespace mooring
