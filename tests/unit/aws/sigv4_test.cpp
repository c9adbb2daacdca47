#include "mooring/aws/sigv4.hpp"

#include <gtest/gtest.h>

#include <ctime>
#include <fstream>
#include <nlohmann/json.hpp>

namespace mooring {
namespace {

using nlohmann::json;

json official_cases() {
  std::ifstream file(MOORING_TEST_DATA "/sigv4-vectors.json");
  return json::parse(file).at("cases");
}

wall_time time_in(const std::string& iso) {
  std::tm parts{};
  ::strptime(iso.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return std::chrono::system_clock::from_time_t(::timegm(&parts));
}

// The vectors write a request as text: request line, headers (folded lines start with a blank), empty line, body.
struct written_request {
  signable_request request;
  std::string body;
};

written_request parsed(const std::string& text) {
  written_request out;
  const auto head_end = std::min(text.find("\n\n"), text.size());
  if (head_end != text.size()) out.body = text.substr(head_end + 2);
  std::istringstream head(text.substr(0, head_end));
  std::string line;
  std::getline(head, line);
  const auto method_end = line.find(' ');
  out.request.method = line.substr(0, method_end);
  out.request.target = line.substr(method_end + 1, line.rfind(" HTTP/") - method_end - 1);
  while (std::getline(head, line)) {
    if (line.front() == ' ') {
      out.request.headers.back().second += " " + line;
      continue;
    }
    const auto colon = line.find(':');
    out.request.headers.emplace_back(line.substr(0, colon), line.substr(colon + 1));
  }
  return out;
}

TEST(sigv4, signs_all_38_official_vectors) {
  const json cases = official_cases();
  ASSERT_EQ(cases.size(), 38U);
  for (const json& c : cases) {
    const json& context = c.at("context");
    credentials keys;
    keys.access_key_id = context.at("credentials").at("access_key_id");
    keys.secret_access_key = context.at("credentials").at("secret_access_key");
    keys.session_token = context.at("credentials").value("token", "");
    signing_options options;
    options.normalize_path = context.at("normalize");
    options.sign_body_header = context.at("sign_body");
    options.sign_session_token = !context.value("omit_session_token", false);
    written_request written = parsed(c.at("request"));
    written.request.body = written.body;
    sigv4_signer signer({context.at("region"), context.at("service")}, options);
    const auto out = signer.sign(written.request, keys, time_in(context.at("timestamp")));
    const std::string name = c.at("name");
    EXPECT_EQ(out.canonical_request, c.at("canonical_request").get<std::string>()) << name;
    EXPECT_EQ(out.string_to_sign, c.at("string_to_sign").get<std::string>()) << name;
    EXPECT_EQ(out.signature, c.at("signature").get<std::string>()) << name;
  }
}

TEST(sigv4, the_kept_key_follows_the_day_and_the_credentials) {
  credentials keys;
  keys.access_key_id = "id";
  keys.secret_access_key = "one";
  signable_request request;
  request.method = "POST";
  request.target = "/";
  request.headers = {{"host", "h"}};
  sigv4_signer kept({"r", "s"}, {});
  const auto day = time_in("2026-01-01T23:59:59Z");
  for (const auto& [when, secret] : {std::pair{day, "one"}, {day + seconds(1), "one"}, {day + seconds(1), "two"}}) {
    keys.secret_access_key = secret;
    sigv4_signer fresh({"r", "s"}, {});
    EXPECT_EQ(kept.sign(request, keys, when).signature, fresh.sign(request, keys, when).signature);
  }
}

}  // namespace
}  // namespace mooring
