// A table of its own in the process's emulator, and as many DynamoDB stores on it as a test wants nodes; the test says
// what time it is.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "mooring/aws/dynamo_table.hpp"
#include "mooring/net/curl_client.hpp"
#include "sessiond/store/dynamo_store.hpp"
#include "tests/support/emulator.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/run_task.hpp"

namespace mooring::test {

class test_keys final : public credentials_provider {
 public:
  result<credentials> current() override {
    credentials out;
    out.access_key_id = "test";
    out.secret_access_key = "test";
    return out;
  }
};

// Keeps the emulator's real date from correcting the test's clock.
class undated_http final : public http_client {
 public:
  explicit undated_http(std::unique_ptr<http_client> real) : real_(std::move(real)) {}
  task<result<http_response>> send(http_request request, steady_time deadline) override {
    ++requests;
    const bool met = between && skipped-- == 0;
    const auto step = met ? std::exchange(between, nullptr) : nullptr;
    if (step && !answered) co_await step();
    auto response = co_await real_->send(std::move(request), deadline);
    if (step && answered) co_await step();
    if (lost_answers > 0) {
      --lost_answers;
      co_return error(lost_as, "the test lost the answer");
    }
    if (response) std::erase_if(response->headers, [](const auto& header) { return header.first == "date"; });
    co_return response;
  }
  int requests = 0;
  // The answers to so many requests, which are carried out, do not arrive.
  int lost_answers = 0;
  errc lost_as = errc::region_unavailable;
  // Once, after so many requests: before the next one is sent, or while its answer is under way.
  std::function<task<void>()> between;
  int skipped = 0;
  bool answered = false;

 private:
  std::unique_ptr<http_client> real_;
};

class dynamo_table {
 public:
  dynamo_table(asio::io_context& io, fake_clock& time, session_settings sessions = {})
      : time_(time), sessions_(std::move(sessions)) {
    config_.endpoints["us-east-1"] = service_.url();
    config_.names = sessiond::make_item_schema(sessions_)->names();
    http_ = std::make_unique<undated_http>(make_curl_client(io.get_executor(), curl_options{}));
    client_ = std::make_unique<dynamo_client>(*http_, keys_, time, logger::to_string(lines_), registry_, config_,
                                              "us-east-1");
    run_task(io, create_table(*client_, name_, time.steady() + std::chrono::seconds(20))).value();
  }

  std::unique_ptr<sessiond::session_store> store(const std::string& node) {
    sessiond::dynamo_store_terms terms{name_, sessiond::lease_terms(node, "us-east-1", std::chrono::seconds(10)),
                                       sessions_.sdk_lock_timeout};
    return sessiond::make_dynamo_store(*client_, time_, sessiond::make_item_schema(sessions_), std::move(terms));
  }

  dynamo_client& client() { return *client_; }
  const std::string& name() const { return name_; }
  int requests() const { return http_->requests; }
  undated_http& http() { return *http_; }

 private:
  fake_clock& time_;
  session_settings sessions_;
  emulator& service_ = emulator::of_this_process();
  std::string name_ = service_.new_table_name();
  test_keys keys_;
  std::string lines_;
  metrics registry_;
  dynamodb_settings config_;
  std::unique_ptr<undated_http> http_;
  std::unique_ptr<dynamo_client> client_;
};

}  // namespace mooring::test
