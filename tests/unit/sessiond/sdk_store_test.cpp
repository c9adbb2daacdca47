// The store with schema "aws-sdk-php", while a handler of the AWS SDK reads, locks and writes the same items.
#include <gtest/gtest.h>

#include "sessiond/store/foreign_locks.hpp"
#include "sessiond/store/seen_items.hpp"
#include "tests/support/store_backends.hpp"

namespace mooring::sessiond {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t now = 1'800'000'000;
constexpr const char* key = "PHPSESSID_abc";

struct sdk_store : ::testing::Test {
  sdk_store() { table.time.set_wall(now); }

  template <class T>
  T run(task<T> work) {
    return test::run_task(table.io, std::move(work));
  }
  call_budget soon(std::chrono::milliseconds time = 5s) { return table.time.steady() + time; }

  std::optional<stored_session> load() { return run(table.store->load(key, soon())).value(); }
  result<std::optional<stored_session>> load_to_write(std::chrono::milliseconds patience) {
    lock_patience wait;
    wait.until = table.time.steady() + patience;
    wait.gone = [] { return false; };
    return run(table.store->load_to_write(key, std::move(wait), soon()));
  }
  result<void> save(const std::string& data, session_version expected, std::chrono::milliseconds time = 5s) {
    session_write write;
    write.data = data;
    write.expected = expected;
    write.version = ++last_version;
    write.expires = now + 100;
    return run(table.store->save(key, std::move(write), soon(time)));
  }
  std::string stored() { return load().value_or(stored_session()).data; }

  // What the SDK's handlers send, with their AttributeUpdates as an expression.
  void sdk(const std::string& update, item values) {
    write_request request;
    request.table = "sessions";
    request.key.emplace("id", attribute::text(key));
    request.update = update;
    request.values = std::move(values);
    for (const char* name : {"lock", "expires", "data"})
      if (update.find("#" + std::string(name)) != std::string::npos)
        request.names.emplace("#" + std::string(name), name);
    ASSERT_TRUE(run(table.client->write(std::move(request), soon())).value().condition_held);
  }
  void sdk_locks() { sdk("SET #lock = :l", {{":l", attribute::number(1)}}); }
  void sdk_writes(const std::string& data, std::int64_t expires = now + 200) {
    sdk("SET #expires = :e, #data = :d REMOVE #lock",
        {{":e", attribute::number(expires)}, {":d", attribute::text(data)}});
  }
  void sdk_touches(std::int64_t expires) {
    sdk("SET #expires = :e REMOVE #lock", {{":e", attribute::number(expires)}});
  }

  test::dynamo_backend table{test::sdk_sessions()};
  session_version last_version = session_version{1} << 61;
};

TEST_F(sdk_store, takes_over_what_the_sdk_has_written) {
  sdk_writes("old");
  const auto found = load();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->data, "old");
  ASSERT_TRUE(save("new", found->version));
  EXPECT_EQ(load()->data, "new");
  EXPECT_EQ(load()->version, last_version);
}

TEST_F(sdk_store, does_not_overwrite_what_the_sdk_wrote_in_between) {
  ASSERT_TRUE(save("first", no_version));
  const auto read = load()->version;
  sdk_writes("by the SDK", now + 100);  // not even the expiry differs
  EXPECT_EQ(save("late", read).error().code(), errc::stale);
  EXPECT_EQ(stored(), "by the SDK");
}

TEST_F(sdk_store, does_not_overwrite_it_when_it_has_forgotten_what_it_read) {
  ASSERT_TRUE(save("first", no_version));
  const auto read = last_version;
  sdk_writes("by the SDK", now + 100);
  EXPECT_EQ(save("late", read).error().code(), errc::stale);
  EXPECT_EQ(run(table.store->remove(key, no_version, soon())).value(), true);
  EXPECT_EQ(save("late", read).error().code(), errc::stale);
  EXPECT_EQ(stored(), "");
}

TEST_F(sdk_store, saves_after_the_sdk_has_only_moved_the_expiry) {
  ASSERT_TRUE(save("first", no_version));
  sdk_touches(now + 500);
  EXPECT_TRUE(save("second", last_version));
  EXPECT_EQ(stored(), "second");
}

TEST_F(sdk_store, of_two_savers_of_what_the_sdk_wrote_only_one_wins) {
  sdk_writes("old");
  const auto read = load()->version;
  ASSERT_TRUE(save("mine", read));
  EXPECT_EQ(save("yours", read).error().code(), errc::stale);
  EXPECT_EQ(stored(), "mine");
}

TEST_F(sdk_store, touches_and_removes_what_the_sdk_wrote) {
  sdk_writes("old", now + 10);
  const auto read = load()->version;
  ASSERT_TRUE(run(table.store->touch(key, read, now + 50, soon())));
  EXPECT_EQ(load()->expires, now + 50);
  EXPECT_TRUE(run(table.store->remove(key, read, soon())).value());
  EXPECT_FALSE(load());
}

TEST_F(sdk_store, a_save_of_what_was_just_read_is_one_request) {
  sdk_writes("old");
  const auto read = load()->version;
  const int before = table.http->requests;
  ASSERT_TRUE(save("new", read));
  EXPECT_EQ(table.http->requests, before + 1);
}

TEST_F(sdk_store, waits_for_the_lock_of_the_sdk_but_not_longer_than_allowed) {
  sdk_writes("old");
  sdk_locks();
  EXPECT_EQ(load_to_write(0ms).error().code(), errc::busy);
  EXPECT_EQ(load()->data, "old") << "who only reads does not wait";
  sdk_writes("new");
  EXPECT_EQ(load_to_write(0ms).value()->data, "new");
}

TEST_F(sdk_store, does_not_save_under_a_lock_of_the_sdk) {
  ASSERT_TRUE(save("first", no_version));
  const auto read = load()->version;
  sdk_locks();
  EXPECT_EQ(save("late", read, 300ms).error().code(), errc::busy);
  EXPECT_EQ(stored(), "first");
  sdk_touches(now + 300);
  EXPECT_TRUE(save("in time", read));
}

TEST_F(sdk_store, breaks_a_lock_that_nobody_has_released) {
  sdk_writes("old");
  sdk_locks();
  EXPECT_FALSE(load_to_write(0ms));
  table.time.advance(31s);
  const auto found = load_to_write(0ms).value();
  ASSERT_TRUE(found);
  ASSERT_TRUE(save("new", found->version));
  EXPECT_EQ(load_to_write(0ms).value()->data, "new");
  sdk_locks();
  EXPECT_FALSE(load_to_write(0ms)) << "the next lock counts from its own beginning";
}

TEST_F(sdk_store, begins_a_session_where_the_sdk_died_with_its_first_lock) {
  sdk_locks();
  EXPECT_FALSE(load_to_write(0ms));
  table.time.advance(31s);
  EXPECT_FALSE(load_to_write(0ms).value());
  ASSERT_TRUE(save("new", no_version));
  EXPECT_EQ(stored(), "new");
}

TEST(foreign_locks, are_held_for_a_time_and_abandoned_from_then_on) {
  const steady_time start{};
  foreign_locks locks(30s);
  EXPECT_FALSE(locks.held("k", start));
  locks.saw("k", "a", start);
  locks.saw("k", "a", start + 29s);
  EXPECT_TRUE(locks.held("k", start + 29s));
  EXPECT_FALSE(locks.held("k", start + 30s));
  EXPECT_TRUE(locks.abandoned("k", start + 30s));
  locks.saw("k", "b", start + 31s);
  EXPECT_TRUE(locks.held("k", start + 60s)) << "another lock";
  locks.saw("k", std::nullopt, start + 61s);
  EXPECT_FALSE(locks.held("k", start + 61s));
  EXPECT_FALSE(locks.abandoned("k", start + 200s));
}

TEST(foreign_locks, forget_the_oldest_when_there_are_too_many) {
  foreign_locks locks(30s);
  for (std::size_t i = 0; i <= max_foreign_locks; ++i)
    locks.saw(std::to_string(i), "m", steady_time{} + std::chrono::microseconds(i));
  EXPECT_FALSE(locks.held("0", steady_time{}));
  EXPECT_TRUE(locks.held("1", steady_time{}));
}

TEST(seen_items, forget_the_oldest_when_they_are_too_large) {
  seen_items seen;
  item large;
  large.emplace("data", attribute::binary(std::string(max_seen_bytes / 2, 'x')));
  seen.remember("a", large);
  EXPECT_NE(seen.find("a"), nullptr);
  seen.remember("b", large);
  EXPECT_EQ(seen.find("a"), nullptr);
  ASSERT_NE(seen.find("b"), nullptr);
  seen.remember("b", item());
  EXPECT_TRUE(seen.find("b")->empty());
  seen.forget("b");
  EXPECT_EQ(seen.find("b"), nullptr);
}

}  // namespace
}  // namespace mooring::sessiond
