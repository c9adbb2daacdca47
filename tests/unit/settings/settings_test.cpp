#include "mooring/settings/settings.hpp"
#include "tests/support/empty_environment.hpp"

#include <gtest/gtest.h>

namespace mooring {
namespace {

using namespace std::chrono_literals;

using test::empty_environment;

environment with(std::map<std::string, std::string> values) {
  return [values](const std::string& name) -> std::optional<std::string> {
    const auto found = values.find(name);
    if (found == values.end()) return std::nullopt;
    return found->second;
  };
}

TEST(settings, an_empty_file_is_a_valid_one) {
  const auto loaded = load_settings_from_text("", empty_environment);
  EXPECT_TRUE(loaded.faults.empty());
  EXPECT_EQ(loaded.values.sessions.socket, "/run/mooring/sessiond.sock");
  EXPECT_FALSE(loaded.values.checks.mysql.enabled());
}

TEST(settings, the_default_file_may_be_absent_but_a_named_one_may_not) {
  EXPECT_TRUE(load_settings("/nowhere/mooring.toml", true, empty_environment).faults.empty());
  EXPECT_EQ(load_settings("/nowhere/mooring.toml", false, empty_environment).faults.size(), 1U);
}

TEST(settings, the_environment_wins_over_the_file) {
  const auto loaded = load_settings_from_text("[region]\nprimary = \"a-1\"\n[checks.mysql]\nhost = \"file\"\n",
                                              with({{"DYNAMODB_REGION", "b-2"},
                                                    {"AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:1"},
                                                    {"DB_HOST", "env"},
                                                    {"DB_PORT", "3307"},
                                                    {"DB_USER", "u"},
                                                    {"DB_PASS", "p"},
                                                    {"DB_NAME", "n"}}));
  ASSERT_TRUE(loaded.faults.empty());
  EXPECT_EQ(loaded.values.region.primary, "b-2");
  EXPECT_EQ(loaded.values.dynamodb.endpoints.at("b-2"), "http://127.0.0.1:1");
  EXPECT_EQ(loaded.values.checks.mysql.host, "env");
  EXPECT_EQ(loaded.values.checks.mysql.port, 3307);
  EXPECT_EQ(loaded.values.checks.mysql.password, "p");
}

TEST(settings, refuses_a_port_in_the_environment_that_is_none) {
  for (const char* port : {"0", "65536", "http", "33x"})
    EXPECT_EQ(load_settings_from_text("", with({{"DB_PORT", port}})).faults.size(), 1U) << port;
}

TEST(settings, takes_a_socket_path_that_just_fits_and_refuses_one_more_byte) {
  const std::string longest = "/" + std::string(94, 's');
  const auto text = [](const std::string& path) { return "[sessions]\nsocket = \"" + path + "\"\n"; };
  EXPECT_TRUE(load_settings_from_text(text(longest), empty_environment).faults.empty());
  EXPECT_EQ(load_settings_from_text(text(longest + "s"), empty_environment).faults.size(), 1U);
}

TEST(settings, names_every_wrong_value) {
  const auto loaded = load_settings_from_text(
      "[region]\nprimary = \"a\"\nsecondary = \"a\"\n[dynamodb]\ntable = \"x\"\nendpoints = { a = \"ftp://x\" }\n"
      "[sessions]\nsocket = \"relative\"\nsocket_mode = \"rw\"\nlocking = \"region\"\n[sidecar]\nlisten = \"8081\"\n"
      "[checks.mysql]\npassword_file = \"/nowhere\"\n",
      empty_environment);
  for (const char* key : {"region.secondary", "dynamodb.table", "dynamodb.endpoints", "sessions.socket",
                          "sessions.socket_mode", "sessions.locking", "sidecar.listen", "checks.mysql.password_file"}) {
    const auto named = [key](const std::string& fault) { return fault.find(key) != std::string::npos; };
    EXPECT_TRUE(std::any_of(loaded.faults.begin(), loaded.faults.end(), named)) << key;
  }
}

TEST(settings, a_journal_needs_the_lease_and_the_table) {
  const auto faults = [](const std::string& more) {
    return load_settings_from_text("[sessions]\ndurability = \"journal\"\n" + more, empty_environment).faults;
  };
  EXPECT_TRUE(faults("").empty());
  for (const char* unfit : {"store = \"embedded\"", "locking = \"node\"", "locking = \"none\"",
                            "schema = \"aws-sdk-php\"", "journal_file = \"relative.db\"", "journal_file = \"\""}) {
    ASSERT_EQ(faults(unfit).size(), 1U) << unfit;
    EXPECT_NE(faults(unfit).front().find(": sessions."), std::string::npos) << faults(unfit).front();
  }
  EXPECT_TRUE(faults("journal_max_bytes = 1048576").empty());
  EXPECT_EQ(faults("journal_max_bytes = 1048575").size(), 1U);
  EXPECT_TRUE(faults("journal_max_bytes = 17179869184").empty());
  EXPECT_EQ(faults("journal_max_bytes = 17179869185").size(), 1U);
  EXPECT_TRUE(load_settings_from_text("[sessions]\nlocking = \"none\"", empty_environment).faults.empty());
}

TEST(settings, prefixes_of_redis_clients_add_to_those_of_php_and_magento) {
  const auto loaded = load_settings_from_text(
      "[sessions.redis]\nprefixes = { \"shop:\" = \"SHOP\", \"sess_\" = \"MAGE\" }\nlock_ttl = \"1m\"\n",
      empty_environment);
  ASSERT_TRUE(loaded.faults.empty());
  const std::map<std::string, std::string> expected{
      {"PHPREDIS_SESSION:", "PHPSESSID"}, {"sess_", "MAGE"}, {"shop:", "SHOP"}};
  EXPECT_EQ(loaded.values.sessions.redis.prefixes, expected);
  EXPECT_EQ(loaded.values.sessions.redis.lock_ttl, 1min);
}

TEST(settings, a_prefix_needs_a_session_name_that_php_could_have) {
  for (const char* name : {"", "a b", "a:b"}) {
    const std::string text = "[sessions.redis]\nprefixes = { \"p:\" = \"" + std::string(name) + "\" }\n";
    EXPECT_EQ(load_settings_from_text(text, empty_environment).faults.size(), 1U) << name;
  }
}

TEST(settings, a_password_file_that_says_nothing_protects_nothing) {
  for (const char* file : {"/nowhere", "/dev/null"}) {
    const std::string text = "[sessions.redis]\npassword_file = \"" + std::string(file) + "\"\n";
    EXPECT_EQ(load_settings_from_text(text, empty_environment).faults.size(), 1U) << file;
  }
}

TEST(settings, an_endpoint_is_a_scheme_a_host_and_a_port) {
  const auto faults = [](const std::string& url) {
    const std::string text = "[dynamodb]\nendpoints = { us-east-1 = \"" + url + "\" }\n";
    return load_settings_from_text(text, empty_environment).faults.size();
  };
  for (const char* good :
       {"http://127.0.0.1:8001", "https://vpce-1.dynamodb.us-east-1.vpce.amazonaws.com/", "http://[::1]:80"})
    EXPECT_EQ(faults(good), 0U) << good;
  for (const char* wrong : {"", "http://", "127.0.0.1:8001", "ftp://x", "http://x/path", "http://u:p@x", "http://x?y"})
    EXPECT_EQ(faults(wrong), 1U) << wrong;
}

TEST(settings, the_schema_names_the_key_and_the_ttl_attribute_of_the_table) {
  const auto names = [](const std::string& text) {
    return load_settings_from_text("[sessions]\n" + text, empty_environment).values.dynamodb.names;
  };
  EXPECT_EQ(names("").partition_key, "session_id");
  EXPECT_EQ(names("schema = \"aws-sdk-php\"").partition_key, "id");
  EXPECT_EQ(names("schema = \"aws-sdk-php\"\nsdk.lifetime_attribute = \"ttl\"").ttl_attribute, "ttl");
}

TEST(settings, attributes_of_the_sdk_do_not_share_a_name) {
  const auto faults = [](const std::string& text) {
    return load_settings_from_text("[sessions]\n" + text, empty_environment).faults.size();
  };
  EXPECT_EQ(faults("sdk.hash_key = \"sid\""), 0U);
  for (const char* wrong : {"sdk.hash_key = \"data\"", "sdk.data_attribute = \"lock\"", "sdk.hash_key = \"\"",
                            "schema = \"aws-sdk-php\"\nstore = \"embedded\"", "schema = \"php\""})
    EXPECT_EQ(faults(wrong), 1U) << wrong;
}

TEST(settings, a_region_is_one_word_of_small_letters_digits_and_hyphens) {
  const auto faults = [](const std::string& region) {
    return load_settings_from_text("[region]\nprimary = \"" + region + "\"\n", empty_environment).faults.size();
  };
  for (const std::string& good : {std::string("us-gov-west-1"), std::string("x"), std::string(64, 'r')})
    EXPECT_EQ(faults(good), 0U) << good;
  for (const std::string& wrong : {std::string("US-east-1"), std::string("us east 1"), std::string("us_east_1"),
                                   std::string("us-east-1;"), std::string(65, 'r')})
    EXPECT_EQ(faults(wrong), 1U) << wrong;
}

TEST(settings, reads_when_a_region_is_left_and_used_again) {
  const auto loaded = load_settings_from_text(
      "[region]\nsecondary = \"eu-west-1\"\npolicy = \"evacuate\"\nfall = 4\nmin_fail_time = \"8s\"\nwindow = 30\n"
      "rise = 6\nmin_dwell = \"2m\"\nfailback = \"manual\"\nfailback_hold = \"10m\"\nmax_moves_per_hour = 2\n",
      empty_environment);
  ASSERT_TRUE(loaded.faults.empty());
  const region_settings& r = loaded.values.region;
  EXPECT_EQ(r.policy, "evacuate");
  EXPECT_EQ(r.fall, 4);
  EXPECT_EQ(r.min_fail_time, 8s);
  EXPECT_EQ(r.window, 30);
  EXPECT_EQ(r.rise, 6);
  EXPECT_EQ(r.min_dwell, 2min);
  EXPECT_EQ(r.failback, "manual");
  EXPECT_EQ(r.failback_hold, 10min);
  EXPECT_EQ(r.max_moves_per_hour, 2);
}

// One failed probe must never be able to move a region, whatever is configured.
TEST(settings, refuses_rules_of_a_region_that_one_failure_could_trigger) {
  const auto faults = [](const std::string& line) {
    return load_settings_from_text("[region]\n" + line + "\n", empty_environment).faults;
  };
  for (const char* lowest : {"fall = 2", "min_fail_time = \"1s\"", "window = 4", "rise = 2", "max_moves_per_hour = 2",
                             "min_dwell = \"0ms\"", "failback_hold = \"0ms\""})
    EXPECT_TRUE(faults(lowest).empty()) << lowest;
  for (const char* wrong :
       {"fall = 1", "min_fail_time = \"999ms\"", "window = 3", "rise = 1", "max_moves_per_hour = 1", "fall = 101",
        "min_fail_time = \"301s\"", "window = 1001", "rise = 101", "max_moves_per_hour = 61", "min_dwell = \"25h\"",
        "failback_hold = \"25h\"", "failback = \"never\"", "policy = \"stay\"", "min_fail_time = 5"})
    EXPECT_EQ(faults(wrong).size(), 1U) << wrong;
  EXPECT_EQ(faults("fall = 1").at(0), "settings:2: region.fall: found 1; write a whole number from 2 to 100");
}

TEST(settings, host_and_port_of_both_address_families) {
  EXPECT_EQ(parse_host_port("127.0.0.1:80")->host, "127.0.0.1");
  EXPECT_EQ(parse_host_port("[::1]:8081")->host, "::1");
  EXPECT_EQ(parse_host_port("[::1]:8081")->port, 8081);
  for (const char* wrong : {"", ":", ":80", "host", "host:", "host:65536", "host:8o"})
    EXPECT_FALSE(parse_host_port(wrong).has_value()) << wrong;
}

}  // namespace
}  // namespace mooring
