// How session_locks keeps the leases of long requests, with a store that answers when the test says so.
#include "tests/support/session_service_fixture.hpp"

namespace mooring::sessiond {
namespace {

using namespace std::chrono_literals;

struct lease_renewal_test : session_service_test {
  struct asked {
    std::string key;
    steady_time deadline;
  };

  lease_renewal_test() {
    store.instead_of_renew = [this](std::string key, call_budget budget) { return answer_later(key, budget); };
  }
  ~lease_renewal_test() override {
    sessions->locks().stop();
    answers(result<void>());
  }

  task<result<void>> answer_later(std::string key, call_budget budget) {
    under_way.push_back({std::move(key), budget.deadline});
    asio::steady_timer turn(io, steady_time::max());
    waiting.push_back(&turn);
    co_await turn.async_wait(nothrow);
    co_return answer;
  }
  // All renewals that are under way.
  void answers(result<void> with) {
    answer = std::move(with);
    under_way.clear();
    for (asio::steady_timer* turn : std::exchange(waiting, {}))
      turn->cancel();
    turn_loop();
  }
  void turn_loop() {
    io.restart();
    io.poll();
  }
  // Pages that have a session open each.
  void open_pages(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      const std::string key = "page" + std::to_string(i);
      client writer = connect();
      const auto token = *test::run_task(io, sessions->open(writer, key, open_mode::exclusive)).value().token;
      ASSERT_TRUE(test::run_task(io, sessions->commit(writer, key, token, 1000, "cart")));
      pages.push_back(connect());
      ASSERT_TRUE(test::run_task(io, sessions->open(pages.back(), key, open_mode::exclusive)));
    }
  }
  void keep_leases() {
    spawn(io.get_executor(), log, "leases", sessions->locks().keep_leases());
    turn_loop();
  }

  std::vector<asked> under_way;
  std::vector<asio::steady_timer*> waiting;
  result<void> answer;
  std::vector<client> pages;
};

TEST_F(lease_renewal_test, leases_of_many_long_pages_are_renewed_at_once_each_until_its_own_end) {
  pages.reserve(20);
  open_pages(20);
  const steady_time opened_at = time.steady();
  time.advance(6s);
  keep_leases();
  ASSERT_EQ(under_way.size(), 20U);
  for (const asked& renewal : under_way) {
    EXPECT_LE(renewal.deadline, opened_at + config.lease);
    EXPECT_GT(renewal.deadline, opened_at + config.lease - 5s);
  }
  time.advance(8s);
  answers(result<void>());
  store.releases = 0;
  for (client& page : pages)
    sessions->release_all(page);
  turn_loop();
  EXPECT_EQ(store.releases, 20) << "none was lost";
}

TEST_F(lease_renewal_test, no_more_renewals_are_under_way_than_the_limit_says_and_the_next_begins_when_one_ends) {
  pages.reserve(max_renewals + 1);
  open_pages(max_renewals + 1);
  time.advance(6s);
  keep_leases();
  EXPECT_EQ(under_way.size(), max_renewals);
  answers(result<void>());
  EXPECT_EQ(under_way.size(), 1U);
}

TEST_F(lease_renewal_test, a_store_that_refuses_at_once_is_not_asked_again_at_once) {
  open_pages(1);
  time.advance(6s);
  keep_leases();
  ASSERT_EQ(under_way.size(), 1U);
  answers(error(errc::region_unavailable, "refused"));
  EXPECT_TRUE(under_way.empty());
  EXPECT_NE(lines.find("event=lease.not_renewed"), std::string::npos);
}

TEST_F(lease_renewal_test, a_late_stale_does_not_forget_the_lease_that_was_taken_since) {
  put("cart");
  client page = connect();
  const auto token = *open(page).value().token;
  time.advance(6s);
  keep_leases();
  ASSERT_EQ(under_way.size(), 1U);
  ASSERT_TRUE(commit(page, token, "bigger cart"));
  const auto again = *open(page).value().token;
  answers(error(errc::stale, "said of the first lease"));
  store.releases = 0;
  close(page, again);
  EXPECT_EQ(store.releases, 1) << "the second lease is still known, and given back";
}

}  // namespace
}  // namespace mooring::sessiond
