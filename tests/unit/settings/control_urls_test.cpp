#include <gtest/gtest.h>

#include "mooring/settings/settings.hpp"
#include "tests/support/empty_environment.hpp"

namespace mooring {
namespace {

using test::empty_environment;

std::vector<std::string> control_faults(const std::string& value) {
  return load_settings_from_text("[region]\ncontrol = " + value + "\n", empty_environment).faults;
}

TEST(control_urls, are_one_url_or_a_list) {
  const auto urls = [](const std::string& value) {
    const auto loaded = load_settings_from_text("[region]\ncontrol = " + value + "\n", empty_environment);
    EXPECT_TRUE(loaded.faults.empty()) << value;
    return loaded.values.region.control;
  };
  EXPECT_EQ(urls("\"https://a.example/ping?x=1\""), std::vector<std::string>{"https://a.example/ping?x=1"});
  EXPECT_EQ(urls("[\"http://a\", \"https://b:8443\", \"http://[::1]/\"]").size(), 3U);
  EXPECT_TRUE(urls("\"\"").empty());
  EXPECT_TRUE(urls("[]").empty());
}

TEST(control_urls, each_is_a_url_without_a_password_and_named_once) {
  for (const char* wrong : {"\"a.example\"", "\"ftp://a.example/\"", "\"https://\"", "\"https://me:secret@a.example/\"",
                            "\"https://a.example/with space\"", "[\"\"]", "[1]", "7"})
    EXPECT_EQ(control_faults(wrong).size(), 1U) << wrong;
  EXPECT_EQ(control_faults("[\"http://a/x\", \"https://a/y\"]").at(0),
            "settings:2: region.control: found a twice; one host that is down must not count as two");
}

TEST(control_urls, takes_as_many_as_allowed_and_refuses_one_more) {
  std::string list = "[\"http://host0/\"";
  for (std::size_t i = 1; i < most_control_urls; ++i)
    list += ", \"http://host" + std::to_string(i) + "/\"";
  EXPECT_TRUE(control_faults(list + "]").empty());
  EXPECT_EQ(control_faults(list + ", \"http://more/\"]").at(0),
            "settings:2: region.control: found 9 URLs; write 8 at most");
}

}  // namespace
}  // namespace mooring
