// The store with schema "aws-sdk-php", while a handler of the AWS SDK reads, locks and writes the same items.
#include <gtest/gtest.h>

#include "sessiond/store/foreign_locks.hpp"
#include "sessiond/store/seen_items.hpp"
#include "tests/support/store_backends.hpp"

namespace mooring::sessiond {
namespace {

using namespace std::chrono_literals;

struct sdk_store : ::testing::Test {
  static constexpr std::int64_t now = 1'800'000'000;
  static constexpr const char* key = "PHPSESSID_abc";

  sdk_store() { backend.time.set_wall(now); }

  template <class T>
  T run(task<T> work) {
    return test::run_task(backend.io, std::move(work));
  }
  call_budget soon(std::chrono::milliseconds time = 5s) { return backend.time.steady() + time; }

  std::optional<stored_session> load() { return run(store.load(key, soon())).value(); }
  result<leased_session> acquire() { return run(store.acquire(key, soon())); }
  result<void> save(const std::string& data, session_version expected, std::chrono::milliseconds time = 5s) {
    session_write write;
    write.data = data;
    write.expected = expected;
    write.version = ++last_version;
    write.expires = now + 100;
    return run(store.save(key, std::move(write), soon(time)));
  }
  std::string stored() { return load().value_or(stored_session()).data; }

  // What the SDK's handlers send, with their AttributeUpdates as an expression.
  void sdk(const std::string& update, item values) {
    write_request request;
    request.table = table.name();
    request.key.emplace("id", attribute::text(key));
    request.update = update;
    request.values = std::move(values);
    for (const char* name : {"lock", "expires", "data"})
      if (update.find("#" + std::string(name)) != std::string::npos)
        request.names.emplace("#" + std::string(name), name);
    ASSERT_TRUE(run(table.client().write(std::move(request), soon())).value().condition_held);
  }
  void sdk_locks() { sdk("SET #lock = :l", {{":l", attribute::number(1)}}); }
  void sdk_writes(const std::string& data, std::int64_t expires = now + 200) {
    sdk("SET #expires = :e, #data = :d REMOVE #lock",
        {{":e", attribute::number(expires)}, {":d", attribute::text(data)}});
  }
  void sdk_touches(std::int64_t expires) {
    sdk("SET #expires = :e REMOVE #lock", {{":e", attribute::number(expires)}});
  }

  test::dynamo_backend backend{test::sdk_sessions()};
  test::dynamo_table& table = backend.table;
  session_store& store = *backend.store;
  session_version last_version = session_version{3} << 59;
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
  EXPECT_EQ(run(store.remove(key, no_version, soon())).value(), true);
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
  ASSERT_TRUE(run(store.touch(key, {read, now + 50}, soon())));
  EXPECT_EQ(load()->expires, now + 50);
  EXPECT_TRUE(run(store.remove(key, read, soon())).value());
  EXPECT_FALSE(load());
}

TEST_F(sdk_store, a_save_of_what_was_just_read_is_one_request) {
  sdk_writes("old");
  const auto read = load()->version;
  const int before = table.requests();
  ASSERT_TRUE(save("new", read));
  EXPECT_EQ(table.requests(), before + 1);
}

TEST_F(sdk_store, has_no_lease_for_what_the_sdk_has_locked) {
  sdk_writes("old");
  sdk_locks();
  EXPECT_EQ(acquire()->answer, lease_answer::held_elsewhere);
  EXPECT_TRUE(load()->leased_elsewhere);
  EXPECT_EQ(load()->data, "old") << "who only reads does not wait";
  sdk_writes("new");
  EXPECT_FALSE(load()->leased_elsewhere);
  EXPECT_EQ(acquire()->answer, lease_answer::taken);
  EXPECT_EQ(acquire()->session.data, "new");
}

TEST_F(sdk_store, keeps_mooring_nodes_apart_by_leases_that_the_sdk_does_not_mind) {
  const auto other = table.store("another node");
  sdk_writes("old");
  ASSERT_EQ(acquire()->answer, lease_answer::taken);
  EXPECT_EQ(run(other->acquire(key, soon()))->answer, lease_answer::held_elsewhere);
  sdk_writes("by the SDK");
  EXPECT_EQ(run(other->acquire(key, soon()))->answer, lease_answer::held_elsewhere) << "the SDK keeps the lease";
  ASSERT_TRUE(run(store.release(key, soon())));
  EXPECT_EQ(run(other->acquire(key, soon()))->session.data, "by the SDK");
}

TEST_F(sdk_store, hands_a_lease_on_without_another_read) {
  sdk_writes("old");
  session_write write;
  write.expected = acquire()->session.version;
  write.expires = now + 100;
  write.lease = lease_after::keep;
  const int before = table.requests();
  for (const char* data : {"first", "second"}) {
    write.data = data;
    write.version = ++last_version;
    ASSERT_TRUE(run(store.save(key, write, soon())));
    write.expected = last_version;
  }
  EXPECT_EQ(table.requests(), before + 2);
  EXPECT_EQ(stored(), "second");
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
  ASSERT_EQ(acquire()->answer, lease_answer::held_elsewhere);
  backend.time.advance(31s);
  const auto found = acquire();
  ASSERT_EQ(found->answer, lease_answer::taken);
  ASSERT_TRUE(save("new", found->session.version));
  EXPECT_EQ(acquire()->session.data, "new");
  sdk_locks();
  EXPECT_EQ(acquire()->answer, lease_answer::held_elsewhere) << "the next lock counts from its own beginning";
}

TEST_F(sdk_store, begins_a_session_where_the_sdk_died_with_its_first_lock) {
  sdk_locks();
  EXPECT_EQ(acquire()->answer, lease_answer::held_elsewhere);
  backend.time.advance(31s);
  EXPECT_EQ(acquire()->answer, lease_answer::absent);
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
