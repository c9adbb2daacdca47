// The session stores with everything they need; tests see only the interface and say what time it is.
#pragma once

#include "mooring/aws/dynamo_table.hpp"
#include "mooring/net/curl_client.hpp"
#include "sessiond/store/dynamo_store.hpp"
#include "sessiond/store/sqlite_store.hpp"
#include "tests/support/emulator.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/temp_dir.hpp"

namespace mooring::test {

struct backend {
  virtual ~backend() = default;
  asio::io_context io{1};
  fake_clock time;
  std::unique_ptr<sessiond::session_store> store;
};

struct embedded_backend final : backend {
  embedded_backend() { store = sessiond::open_sqlite_store(dir.file("sessions.db"), time).value(); }
  ~embedded_backend() override { store.reset(); }
  temp_dir dir;
};

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
    auto response = co_await real_->send(std::move(request), deadline);
    if (response) std::erase_if(response->headers, [](const auto& header) { return header.first == "date"; });
    co_return response;
  }
  int requests = 0;

 private:
  std::unique_ptr<http_client> real_;
};

inline session_settings sdk_sessions() {
  session_settings out;
  out.schema = "aws-sdk-php";
  return out;
}

struct dynamo_backend final : backend {
  explicit dynamo_backend(const session_settings& sessions) {
    config.endpoints["us-east-1"] = service.url();
    config.names = sessiond::make_item_schema(sessions)->names();
    http = std::make_unique<undated_http>(make_curl_client(io.get_executor(), curl_options{}));
    client =
        std::make_unique<dynamo_client>(*http, keys, time, logger::to_string(lines), registry, config, "us-east-1");
    store = sessiond::make_dynamo_store(*client, time, "sessions", sessiond::make_item_schema(sessions),
                                        sessions.sdk_lock_timeout);
    run_task(io, create_table(*client, "sessions", time.steady() + std::chrono::seconds(20))).value();
  }
  ~dynamo_backend() override {
    store.reset();
    client.reset();
    http.reset();
  }
  emulator service;
  test_keys keys;
  std::string lines;
  metrics registry;
  dynamodb_settings config;
  std::unique_ptr<undated_http> http;
  std::unique_ptr<dynamo_client> client;
};

}  // namespace mooring::test
