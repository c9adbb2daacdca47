// Leases between nodes: whole services of several nodes over one table.
#include "tests/support/lease_fixture.hpp"

namespace mooring::sessiond {
namespace {

// A node with all of sessiond above its store.
struct node {
  node(test::dynamo_table& table, const std::string& name, const clock& time, const logger& log,
       const session_settings& config, asio::io_context& io)
      : real(table.store(name)), store(*real), sessions(store, time, log, config, io.get_executor()) {}
  std::unique_ptr<session_store> real;
  test::failing_store store;
  session_service sessions;
};

struct cluster_test : lease_test {
  client connect() {
    client out;
    out.id = ++last_id;
    out.gone = [] { return false; };
    return out;
  }
  static task<result<int>> add_one(session_service& sessions, client& who) {
    auto got = co_await sessions.open(who, "k", open_mode::exclusive);
    if (!got) co_return got.error();
    const int count = got->data ? std::stoi(*got->data) + 1 : 1;
    auto done = co_await sessions.commit(who, "k", *got->token, 1000, std::to_string(count));
    if (!done) co_return done.error();
    co_return count;
  }
  std::string stored() { return run(a->load("k", soon())).value()->data; }

  session_settings config;
  std::string lines;
  logger log = logger::to_string(lines);
  node first{table, "node a", time, log, config, io};
  node second{table, "node b", time, log, config, io};
  owner_id last_id = 0;
};

TEST_F(cluster_test, fifty_requests_on_one_node_cost_one_lease_and_finish_in_order) {
  client maker = connect();
  ASSERT_TRUE(run(add_one(first.sessions, maker)));
  first.store.calls = first.store.leases = 0;
  std::vector<client> clients(50);
  std::vector<int> counts;
  for (client& who : clients) {
    who = connect();
    asio::co_spawn(io, add_one(first.sessions, who), [&counts](std::exception_ptr, const result<int>& count) {
      ASSERT_TRUE(count) << count.error().text();
      counts.push_back(*count);
    });
  }
  io.restart();
  io.run();
  ASSERT_EQ(counts.size(), 50U);
  EXPECT_TRUE(std::is_sorted(counts.begin(), counts.end()));
  EXPECT_EQ(stored(), "51");
  EXPECT_EQ(first.store.leases, 1);
  EXPECT_EQ(first.store.calls, 51);  // the lease with its read, and a commit each
  EXPECT_EQ(first.sessions.locks().held(), 0U);
}

TEST_F(cluster_test, an_open_and_a_commit_are_one_round_trip_each) {
  client maker = connect();
  ASSERT_TRUE(run(add_one(first.sessions, maker)));
  first.store.calls = 0;
  client who = connect();
  ASSERT_TRUE(run(add_one(first.sessions, who)));
  EXPECT_EQ(first.store.calls, 2);
}

TEST_F(cluster_test, two_nodes_lose_no_update) {
  client maker = connect();
  ASSERT_TRUE(run(add_one(first.sessions, maker)));
  std::vector<client> clients(20);
  int done = 0;
  for (std::size_t i = 0; i < clients.size(); ++i) {
    clients[i] = connect();
    session_service& sessions = i % 2 == 0 ? first.sessions : second.sessions;
    asio::co_spawn(io, add_one(sessions, clients[i]), [&done](std::exception_ptr, const result<int>& count) {
      EXPECT_TRUE(count) << count.error().text();
      ++done;
    });
  }
  io.restart();
  io.run();
  EXPECT_EQ(done, 20);
  EXPECT_EQ(stored(), "21");
}

TEST_F(cluster_test, a_node_that_has_had_a_session_for_long_lets_the_other_in_before_its_own_waiters) {
  client maker = connect();
  ASSERT_TRUE(run(add_one(first.sessions, maker)));
  client holder = connect();
  const auto token = run(first.sessions.open(holder, "k", open_mode::exclusive)).value().token;
  std::vector<std::string> order;
  client here = connect();
  client there = connect();
  const auto note = [&order](const char* who) {
    return [&order, who](std::exception_ptr, const result<int>& count) {
      EXPECT_TRUE(count) << count.error().text();
      order.emplace_back(who);
    };
  };
  asio::co_spawn(io, add_one(first.sessions, here), note("here"));
  asio::co_spawn(io, add_one(second.sessions, there), note("there"));
  io.restart();
  io.run_for(200ms);
  time.advance(6s);
  ASSERT_TRUE(run(first.sessions.commit(holder, "k", *token, 1000, "5")));
  io.restart();
  io.run();
  EXPECT_EQ(order, (std::vector<std::string>{"there", "here"}));
  EXPECT_EQ(stored(), "7");
}

TEST_F(cluster_test, closing_gives_the_lease_back_and_the_end_of_a_connection_does_too) {
  client maker = connect();
  ASSERT_TRUE(run(add_one(first.sessions, maker)));
  client who = connect();
  ASSERT_TRUE(run(first.sessions.open(who, "k", open_mode::exclusive)));
  EXPECT_EQ(acquire(*b), lease_answer::held_elsewhere);
  first.sessions.release_all(who);
  io.restart();
  io.run();
  EXPECT_EQ(acquire(*b), lease_answer::taken);
}

TEST_F(cluster_test, a_node_waits_for_the_other_no_longer_than_lock_wait) {
  client maker = connect();
  ASSERT_TRUE(run(add_one(first.sessions, maker)));
  client holder = connect();
  ASSERT_TRUE(run(first.sessions.open(holder, "k", open_mode::exclusive)));
  config.lock_wait = 300ms;
  client waiter = connect();
  EXPECT_EQ(run(second.sessions.open(waiter, "k", open_mode::exclusive)).error().code(), errc::busy);
  EXPECT_EQ(second.sessions.locks().held(), 0U);
  EXPECT_TRUE(run(second.sessions.open(waiter, "k", open_mode::read_only)).value().data);
}

TEST_F(cluster_test, a_waiter_that_hung_up_before_its_turn_leaves_no_lease_behind) {
  client maker = connect();
  ASSERT_TRUE(run(add_one(first.sessions, maker)));
  client holder = connect();
  const auto token = run(first.sessions.open(holder, "k", open_mode::exclusive)).value().token;
  bool hung_up = false;
  client waiter = connect();
  waiter.gone = [&hung_up] { return hung_up; };
  std::optional<errc> answer;
  asio::co_spawn(io, add_one(first.sessions, waiter), [&answer](std::exception_ptr, const result<int>& count) {
    ASSERT_FALSE(count);
    answer = count.error().code();
  });
  io.restart();
  io.poll();
  hung_up = true;
  ASSERT_TRUE(run(first.sessions.commit(holder, "k", *token, 1000, "5")));
  io.restart();
  io.run();
  EXPECT_EQ(answer, errc::cancelled);
  EXPECT_EQ(first.sessions.locks().held(), 0U);
  EXPECT_EQ(acquire(*b), lease_answer::taken);
}

TEST_F(cluster_test, what_has_expired_is_not_handed_over) {
  client holder = connect();
  const auto token = run(first.sessions.open(holder, "k", open_mode::exclusive)).value().token;
  ASSERT_TRUE(run(first.sessions.commit(holder, "k", *token, 3, "brief")));
  const auto again = run(first.sessions.open(holder, "k", open_mode::exclusive)).value();
  EXPECT_EQ(again.data, "brief");
  client waiter = connect();
  std::optional<opened> found;
  asio::co_spawn(io, first.sessions.open(waiter, "k", open_mode::exclusive),
                 [&found](std::exception_ptr, result<opened> got) { found = std::move(got).value(); });
  io.restart();
  io.poll();
  time.advance(3s);
  const auto closed = [](session_service& sessions, client& who, std::string held) -> task<bool> {
    co_await sessions.close(who, "k", std::move(held));
    co_return true;
  };
  run(closed(first.sessions, holder, *again.token));
  io.restart();
  io.run();
  ASSERT_TRUE(found);
  EXPECT_FALSE(found->data);
}

TEST_F(cluster_test, a_refused_commit_gives_the_lease_back) {
  client maker = connect();
  ASSERT_TRUE(run(add_one(first.sessions, maker)));
  client who = connect();
  const auto token = run(first.sessions.open(who, "k", open_mode::exclusive)).value().token;
  const auto refused = run(first.sessions.commit(who, "k", *token, 1000, random_bytes(max_data_bytes + 1)));
  EXPECT_EQ(refused.error().code(), errc::too_large);
  EXPECT_EQ(acquire(*b), lease_answer::taken);
}

}  // namespace
}  // namespace mooring::sessiond
