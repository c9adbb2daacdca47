// The contract of session_store.hpp, sentence by sentence, on both stores.
#include <gtest/gtest.h>

#include <functional>

#include "mooring/aws/dynamo_table.hpp"
#include "mooring/net/curl_client.hpp"
#include "sessiond/store/dynamo_store.hpp"
#include "sessiond/store/session_store.hpp"
#include "sessiond/store/sqlite_store.hpp"
#include "tests/support/emulator.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/temp_dir.hpp"

namespace mooring::sessiond {
namespace {

using namespace std::chrono_literals;

// The system under test and everything it needs; the tests see only the interface.
struct backend {
  virtual ~backend() = default;
  asio::io_context io{1};
  std::unique_ptr<session_store> store;
};

struct embedded_backend final : backend {
  embedded_backend() { store = open_sqlite_store(dir.file("sessions.db")).value(); }
  ~embedded_backend() override { store.reset(); }
  test::temp_dir dir;
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

struct dynamo_backend final : backend {
  dynamo_backend() {
    config.endpoints["us-east-1"] = service.url();
    http = make_curl_client(io.get_executor(), curl_options{});
    client =
        std::make_unique<dynamo_client>(*http, keys, time, logger::to_string(lines), registry, config, "us-east-1");
    store = make_dynamo_store(*client, "sessions");
    test::run_task(io, create_table(*client, "sessions", time.steady() + 20s)).value();
  }
  ~dynamo_backend() override {
    store.reset();
    client.reset();
    http.reset();
  }
  test::emulator service;
  test_keys keys;
  system_clock time;
  std::string lines;
  metrics registry;
  dynamodb_settings config;
  std::unique_ptr<http_client> http;
  std::unique_ptr<dynamo_client> client;
};

struct named_backend {
  const char* name;
  std::function<std::unique_ptr<backend>()> make;
};

constexpr std::int64_t now = 1'800'000'000;

class store_contract : public ::testing::TestWithParam<named_backend> {
 protected:
  static call_time at(std::int64_t when) {
    call_time out;
    out.now = when;
    out.deadline = std::chrono::steady_clock::now() + 10s;
    return out;
  }
  template <class T>
  T run(task<T> work) {
    return test::run_task(backend_->io, std::move(work));
  }
  std::optional<stored_session> load(std::int64_t when = now) { return run(store_.load("k", at(when))).value(); }
  result<void> save(const std::string& data, session_version expected, session_version version,
                    std::int64_t expires = now + 100, std::int64_t when = now) {
    session_write write;
    write.data = data;
    write.expected = expected;
    write.version = version;
    write.expires = expires;
    return run(store_.save("k", std::move(write), at(when)));
  }

  std::unique_ptr<backend> backend_ = GetParam().make();
  session_store& store_ = *backend_->store;
};

TEST_P(store_contract, what_was_never_saved_is_absent) {
  EXPECT_FALSE(load());
  EXPECT_FALSE(run(store_.exists("k", at(now))).value());
  EXPECT_FALSE(run(store_.remove("k", at(now))).value());
}

TEST_P(store_contract, gives_back_every_byte) {
  std::string data;
  for (int i = 0; i < 1024; ++i)
    data.push_back(static_cast<char>(i));
  ASSERT_TRUE(save(data, no_version, 10));
  const auto found = load();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->data, data);
  EXPECT_EQ(found->version, 10);
  EXPECT_EQ(found->expires, now + 100);
  EXPECT_TRUE(run(store_.exists("k", at(now))).value());
}

TEST_P(store_contract, an_emptied_session_is_still_a_session) {
  ASSERT_TRUE(save("full", no_version, 10));
  ASSERT_TRUE(save("", 10, 11));
  EXPECT_EQ(load()->data, "");
  EXPECT_EQ(load()->version, 11);
}

TEST_P(store_contract, a_writer_of_an_older_version_does_not_overwrite) {
  ASSERT_TRUE(save("first", no_version, 10));
  ASSERT_TRUE(save("second", 10, 11));
  const auto refused = save("late", 10, 12);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), errc::stale);
  EXPECT_EQ(save("new", no_version, 13).error().code(), errc::stale);
  EXPECT_EQ(load()->data, "second");
  EXPECT_EQ(load()->version, 11);
}

TEST_P(store_contract, a_writer_does_not_bring_back_what_was_removed) {
  ASSERT_TRUE(save("first", no_version, 10));
  EXPECT_TRUE(run(store_.remove("k", at(now))).value());
  EXPECT_EQ(save("late", 10, 11).error().code(), errc::stale);
  EXPECT_FALSE(load());
}

TEST_P(store_contract, saving_the_same_again_is_a_success) {
  ASSERT_TRUE(save("first", no_version, 10));
  EXPECT_TRUE(save("first", no_version, 10));
  ASSERT_TRUE(save("second", 10, 11));
  EXPECT_TRUE(save("second", 10, 12));
  EXPECT_EQ(load()->version, 11);
}

TEST_P(store_contract, an_expired_session_is_absent_for_every_call) {
  ASSERT_TRUE(save("old", no_version, 10, now + 5));
  EXPECT_TRUE(load(now + 4));
  EXPECT_FALSE(load(now + 5));
  EXPECT_FALSE(run(store_.exists("k", at(now + 5))).value());
  EXPECT_FALSE(run(store_.remove("k", at(now + 5))).value());
}

TEST_P(store_contract, an_expired_session_gives_way_to_a_new_one) {
  ASSERT_TRUE(save("old", no_version, 10, now + 5));
  ASSERT_TRUE(save("new", no_version, 11, now + 100, now + 5));
  EXPECT_EQ(load(now + 5)->data, "new");
}

TEST_P(store_contract, a_touch_moves_the_expiry_and_nothing_else) {
  ASSERT_TRUE(save("data", no_version, 10, now + 5));
  ASSERT_TRUE(run(store_.touch("k", now + 50, at(now))));
  const auto found = load(now + 20);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->data, "data");
  EXPECT_EQ(found->version, 10);
  EXPECT_EQ(found->expires, now + 50);
}

TEST_P(store_contract, a_touch_brings_nothing_to_life) {
  EXPECT_TRUE(run(store_.touch("k", now + 50, at(now))));
  EXPECT_FALSE(load());
  ASSERT_TRUE(save("old", no_version, 10, now + 5));
  EXPECT_TRUE(run(store_.touch("k", now + 50, at(now + 6))));
  EXPECT_FALSE(load(now + 6));
}

TEST_P(store_contract, takes_a_session_at_the_limit_and_refuses_one_more_byte) {
  const std::string largest(max_data_bytes, 'x');
  const auto taken = save(largest, no_version, 10);
  ASSERT_TRUE(taken) << taken.error().text();
  const auto refused = save(largest + "x", 10, 11);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), errc::too_large);
  EXPECT_EQ(load()->data, largest);
}

TEST_P(store_contract, keys_do_not_touch_each_other) {
  ASSERT_TRUE(save("mine", no_version, 10));
  EXPECT_FALSE(run(store_.load("other", at(now))).value());
  EXPECT_FALSE(run(store_.remove("other", at(now))).value());
  EXPECT_EQ(load()->data, "mine");
}

INSTANTIATE_TEST_SUITE_P(
    stores, store_contract,
    ::testing::Values(named_backend{"embedded", [] { return std::make_unique<embedded_backend>(); }},
                      named_backend{"dynamodb", [] { return std::make_unique<dynamo_backend>(); }}),
    [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace mooring::sessiond
