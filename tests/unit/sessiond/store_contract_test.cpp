// The contract of session_store.hpp, sentence by sentence, on every store.
#include <gtest/gtest.h>

#include <functional>

#include "mooring/base/digest.hpp"
#include "sessiond/store/session_store.hpp"
#include "sessiond/store/version_clock.hpp"
#include "tests/support/journal_backend.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/store_backends.hpp"

namespace mooring::sessiond {
namespace {

using namespace std::chrono_literals;

struct named_backend {
  const char* name;
  std::function<std::unique_ptr<test::backend>()> make;
};

constexpr std::int64_t now = 1'800'000'000;

class store_contract : public ::testing::TestWithParam<named_backend> {
 protected:
  // The time it is from here on, and a deadline that is far enough.
  steady_time at(std::int64_t when) {
    backend_->time.set_wall(when);
    return std::chrono::steady_clock::now() + 10s;
  }
  static session_touch touch_to(session_version version, std::int64_t expires) {
    session_touch out;
    out.version = version;
    out.expires = expires;
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

  std::unique_ptr<test::backend> backend_ = GetParam().make();
  session_store& store_ = *backend_->store;
};

TEST_P(store_contract, what_was_never_saved_is_absent) {
  EXPECT_FALSE(load());
  EXPECT_FALSE(run(store_.exists("k", at(now))).value());
  EXPECT_FALSE(run(store_.remove("k", no_version, at(now))).value());
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
  EXPECT_TRUE(run(store_.remove("k", no_version, at(now))).value());
  EXPECT_EQ(save("late", 10, 11).error().code(), errc::stale);
  EXPECT_FALSE(load());
}

TEST_P(store_contract, saving_the_same_again_is_a_success) {
  ASSERT_TRUE(save("first", no_version, 10));
  EXPECT_TRUE(save("first", no_version, 10));
  ASSERT_TRUE(save("second", 10, 11));
  EXPECT_TRUE(save("second", 10, 11));
  EXPECT_EQ(load()->version, 11);
}

TEST_P(store_contract, the_same_bytes_of_another_writer_are_not_the_same_save) {
  ASSERT_TRUE(save("one rope", no_version, 10));
  EXPECT_EQ(save("one rope", no_version, 11).error().code(), errc::stale);
  EXPECT_EQ(save("another", no_version, 10).error().code(), errc::stale);
}

TEST_P(store_contract, an_expired_session_is_absent_for_every_call) {
  ASSERT_TRUE(save("old", no_version, 10, now + 5));
  EXPECT_TRUE(load(now + 4));
  EXPECT_FALSE(load(now + 5));
  EXPECT_FALSE(run(store_.exists("k", at(now + 5))).value());
  EXPECT_FALSE(run(store_.remove("k", no_version, at(now + 5))).value());
}

TEST_P(store_contract, an_expired_session_gives_way_to_a_new_one) {
  ASSERT_TRUE(save("old", no_version, 10, now + 5));
  ASSERT_TRUE(save("new", no_version, 11, now + 100, now + 5));
  EXPECT_EQ(load(now + 5)->data, "new");
}

TEST_P(store_contract, a_touch_moves_the_expiry_and_nothing_else) {
  ASSERT_TRUE(save("data", no_version, 10, now + 5));
  ASSERT_TRUE(run(store_.touch("k", touch_to(10, now + 50), at(now))));
  const auto found = load(now + 20);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->data, "data");
  EXPECT_EQ(found->version, 10);
  EXPECT_EQ(found->expires, now + 50);
}

TEST_P(store_contract, a_touch_of_what_was_read_renews_it_even_when_it_has_expired_since) {
  ASSERT_TRUE(save("cart", no_version, 10, now + 5));
  EXPECT_TRUE(run(store_.touch("k", touch_to(10, now + 50), at(now + 6))));
  EXPECT_EQ(load(now + 6)->data, "cart");
}

TEST_P(store_contract, a_touch_of_an_older_version_leaves_the_newer_one_as_it_is) {
  ASSERT_TRUE(save("first", no_version, 10, now + 5));
  ASSERT_TRUE(save("second", 10, 11, now + 70));
  EXPECT_TRUE(run(store_.touch("k", touch_to(10, now + 50), at(now))));
  EXPECT_EQ(load()->expires, now + 70);
}

TEST_P(store_contract, a_touch_of_nothing_says_so) {
  EXPECT_EQ(run(store_.touch("k", touch_to(10, now + 50), at(now))).error().code(), errc::stale);
  EXPECT_EQ(run(store_.touch("k", touch_to(no_version, now + 50), at(now))).error().code(), errc::stale);
  EXPECT_FALSE(load());
}

TEST_P(store_contract, a_removal_follows_a_session_that_was_changed_since_it_was_read) {
  ASSERT_TRUE(save("first", no_version, 10));
  ASSERT_TRUE(save("second", 10, 11));
  EXPECT_TRUE(run(store_.remove("k", 10, at(now))).value());
  EXPECT_FALSE(load());
}

TEST_P(store_contract, takes_a_session_at_the_limit_and_refuses_one_more_byte) {
  const std::string largest = random_bytes(max_data_bytes);  // nothing compresses it
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
  EXPECT_FALSE(run(store_.remove("other", no_version, at(now))).value());
  EXPECT_EQ(load()->data, "mine");
}

// The journal answers for what it was given; what a table has may be anybody's.
TEST(embedded_store, refuses_a_version_that_no_clock_can_have_made) {
  test::embedded_backend backend;
  backend.time.set_wall(now);
  const session_version latest = latest_version(backend.time.wall());
  const auto stored = [&backend](const std::string& key, session_version version) {
    const steady_time deadline = std::chrono::steady_clock::now() + 10s;
    session_write write;
    write.version = version;
    write.expires = now + 100;
    EXPECT_TRUE(test::run_task(backend.io, backend.store->save(key, std::move(write), deadline)));
    return test::run_task(backend.io, backend.store->load(key, deadline));
  };
  EXPECT_EQ(stored("largest", latest).value()->version, latest);
  EXPECT_EQ(stored("too large", latest + 1).error().code(), errc::bad_data);
}

INSTANTIATE_TEST_SUITE_P(
    stores, store_contract,
    ::testing::Values(
        named_backend{"memory", [] { return std::make_unique<test::memory_backend>(); }},
        named_backend{"embedded", [] { return std::make_unique<test::embedded_backend>(); }},
        named_backend{"dynamodb", [] { return std::make_unique<test::dynamo_backend>(session_settings()); }},
        named_backend{"journal", [] { return std::make_unique<test::journal_backend>(true); }},
        named_backend{"journal_cut_off", [] { return std::make_unique<test::journal_backend>(false); }},
        named_backend{"aws_sdk_php", [] { return std::make_unique<test::dynamo_backend>(test::sdk_sessions()); }}),
    [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace mooring::sessiond
