#include "sessiond/redis/redis_sessions.hpp"

#include <boost/asio/co_spawn.hpp>

#include "tests/support/session_service_fixture.hpp"

namespace mooring::sessiond {
namespace {

using namespace std::chrono_literals;

struct redis_sessions_test : session_service_test {
  ~redis_sessions_test() override {
    for (auto& who : clients) {
      redis.forget(*who);
      sessions->release_all(*who);
    }
  }

  client& start() {
    clients.push_back(std::make_unique<client>(connect()));
    return *clients.back();
  }
  result<bool> lock(client& who, const std::string& secret, lock_kind kind = lock_kind::own_key) {
    return test::run_task(io, redis.locks().lock(who, request(secret, kind)));
  }
  static lock_request request(const std::string& secret, lock_kind kind) {
    lock_request out;
    out.key = "k";
    out.secret = secret;
    out.kind = kind;
    return out;
  }
  result<bool> unlock(client& who, const std::string& secret) {
    return test::run_task(io, redis.locks().unlock(who, "k", secret));
  }
  result<std::optional<std::string>> read(client& who, const std::string& key = "k") {
    return test::run_task(io, redis.read(who, key));
  }
  result<void> save(client& who, const std::string& data) {
    return test::run_task(io, redis.save(who, "k", 1000, data));
  }

  void start_anew(client& who) { test::run_task(io, started_anew(who)); }
  task<bool> started_anew(client& who) {
    co_await redis.start_anew(who);
    co_return true;
  }

  redis_sessions redis{*sessions, time, io.get_executor()};
  std::vector<std::unique_ptr<client>> clients;
};

TEST_F(redis_sessions_test, lock_read_and_save_cost_two_round_trips) {
  put("cart");
  client& who = start();
  const int before = store.calls;
  ASSERT_TRUE(*lock(who, "s"));
  EXPECT_EQ(read(who).value(), "cart");
  EXPECT_EQ(store.calls, before + 1);
  EXPECT_TRUE(save(who, "more"));
  EXPECT_TRUE(*unlock(who, "s"));
  EXPECT_EQ(store.calls, before + 2);
  EXPECT_EQ(stored(), "more");
}

TEST_F(redis_sessions_test, what_is_stored_unchanged_is_not_written) {
  client& who = start();
  ASSERT_TRUE(save(who, "cart"));
  ASSERT_TRUE(read(who));
  const int before = store.writes;
  EXPECT_TRUE(save(who, "cart"));
  EXPECT_TRUE(*test::run_task(io, redis.touch(who, "k", 1000)));
  EXPECT_EQ(store.writes, before);
}

TEST_F(redis_sessions_test, an_outage_bars_the_session_until_the_lock_is_wanted_again) {
  put("cart");
  client& who = start();
  store.before = errc::region_unavailable;
  EXPECT_FALSE(lock(who, "s"));
  store.before.reset();
  EXPECT_FALSE(read(who)) << "it holds no lock, and may not find that out by a read that succeeds";
  EXPECT_FALSE(save(who, "overwritten"));
  EXPECT_FALSE(test::run_task(io, redis.touch(who, "k", 10)));
  EXPECT_FALSE(test::run_task(io, redis.save_if(who, "k", 10, "overwritten", true)));
  EXPECT_EQ(sessions->locks().held(), 0U);
  EXPECT_TRUE(*lock(who, "s"));
  EXPECT_EQ(read(who).value(), "cart");
  EXPECT_EQ(stored(), "cart");
}

TEST_F(redis_sessions_test, a_failed_save_leaves_the_session_and_frees_the_lock) {
  put("cart");
  client& who = start();
  ASSERT_TRUE(*lock(who, "s"));
  ASSERT_TRUE(read(who));
  store.before = errc::timed_out;
  EXPECT_FALSE(save(who, "new"));
  store.before.reset();
  EXPECT_EQ(sessions->locks().held(), 0U);
  EXPECT_EQ(stored(), "cart");
  EXPECT_TRUE(save(who, "new")) << "the version that was read is still the stored one";
  EXPECT_EQ(stored(), "new");
}

TEST_F(redis_sessions_test, a_failed_read_under_the_lock_frees_it) {
  client& who = start();
  ASSERT_TRUE(*lock(who, "s"));
  ASSERT_TRUE(read(who));
  store.before = errc::timed_out;
  EXPECT_FALSE(read(who));
  EXPECT_EQ(sessions->locks().held(), 0U);
  EXPECT_EQ(redis.locks().notes().find("k"), nullptr);
}

TEST_F(redis_sessions_test, a_process_does_not_wait_for_itself) {
  client& old = start();
  client& renewed = start();
  client& other = start();
  old.process = renewed.process = 1;
  other.process = 2;
  config.lock_wait = 20ms;
  ASSERT_TRUE(*lock(old, "host|1"));
  const auto refused = lock(renewed, "host|1");
  ASSERT_TRUE(refused);
  EXPECT_FALSE(*refused);
  const auto waited = lock(other, "host|1");
  ASSERT_FALSE(waited);
  EXPECT_EQ(waited.error().code(), errc::busy);
}

TEST_F(redis_sessions_test, nobody_breaks_a_lock_in_the_middle_of_a_command_or_of_php_redis) {
  client& holder = start();
  ASSERT_TRUE(*lock(holder, "", lock_kind::hash_field));
  redis.begin(holder);
  EXPECT_FALSE(redis.locks().break_lock("k"));
  redis.end(holder);
  EXPECT_TRUE(redis.locks().break_lock("k"));
  EXPECT_FALSE(redis.locks().break_lock("k"));
  ASSERT_TRUE(*lock(holder, "s"));
  EXPECT_FALSE(redis.locks().break_lock("k"));
}

TEST_F(redis_sessions_test, a_lock_does_not_expire_in_the_middle_of_a_command) {
  client& who = start();
  lock_request brief = request("s", lock_kind::own_key);
  brief.life = 1ms;
  redis.begin(who);
  ASSERT_TRUE(*test::run_task(io, redis.locks().lock(who, brief)));
  io.restart();
  io.run_for(30ms);
  EXPECT_TRUE(redis.holds(who, "k"));
  redis.end(who);
  io.restart();
  io.run_for(200ms);
  EXPECT_FALSE(redis.holds(who, "k"));
  EXPECT_EQ(sessions->locks().held(), 0U);
  EXPECT_EQ(redis.locks().secret_of(who, "k"), std::nullopt);
}

TEST_F(redis_sessions_test, only_so_many_sessions_are_remembered_and_held_ones_first_of_all) {
  put("cart");
  client& who = start();
  ASSERT_TRUE(*lock(who, "s"));
  for (std::size_t i = 0; i < 3 * max_remembered_sessions; ++i)
    ASSERT_TRUE(read(who, "other" + std::to_string(i)));
  EXPECT_TRUE(redis.holds(who, "k"));
  EXPECT_EQ(redis.view_of(who, "other0"), nullptr);
  EXPECT_NE(redis.view_of(who, "other" + std::to_string(3 * max_remembered_sessions - 1)), nullptr);
  EXPECT_TRUE(save(who, "more"));
}

TEST_F(redis_sessions_test, a_blind_save_gives_way_to_a_lock) {
  client& holder = start();
  ASSERT_TRUE(*lock(holder, "s"));
  client& blind = start();
  const auto refused = save(blind, "past the lock");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), errc::stale);
  EXPECT_TRUE(save(holder, "mine"));
  EXPECT_TRUE(save(blind, "after it"));
  EXPECT_EQ(stored(), "after it");
}

TEST_F(redis_sessions_test, locks_and_notes_go_with_the_connection) {
  client& who = start();
  ASSERT_TRUE(*lock(who, "s"));
  redis.locks().notes().add_waiting("k", who.id, 1);
  start_anew(who);
  EXPECT_EQ(sessions->locks().held(), 0U);
  EXPECT_EQ(redis.locks().notes().find("k"), nullptr);
  EXPECT_EQ(redis.locks().notes().add_waiting("k", who.id, 0), 0);
  EXPECT_FALSE(*unlock(who, "s"));
}

TEST_F(redis_sessions_test, php_redis_is_expected_to_release_what_its_save_has_released) {
  client& who = start();
  ASSERT_TRUE(*lock(who, "s"));
  ASSERT_TRUE(save(who, "cart"));
  EXPECT_TRUE(who.open.empty());
  EXPECT_TRUE(redis.locks().expects_release(who));
  EXPECT_TRUE(*unlock(who, "s"));
  EXPECT_FALSE(redis.locks().expects_release(who));
}

TEST_F(redis_sessions_test, a_lock_that_was_broken_is_taken_again_by_its_holder_and_stays) {
  put("cart");
  client& holder = start();
  ASSERT_TRUE(*lock(holder, "", lock_kind::hash_field));
  ASSERT_TRUE(redis.locks().break_lock("k"));
  ASSERT_TRUE(*lock(holder, "", lock_kind::hash_field));
  io.restart();
  io.run_for(20ms);
  EXPECT_TRUE(sessions->locks().holds("k", holder.id));
  EXPECT_TRUE(save(holder, "more"));
  EXPECT_EQ(stored(), "more");
}

}  // namespace
}  // namespace mooring::sessiond
