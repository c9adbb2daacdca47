// Commands over a real unix socket, as a client sees them.
#include "sessiond/server/server.hpp"

#include <gtest/gtest.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <thread>

#include "sessiond/server/connection.hpp"
#include "sessiond/store/sqlite_store.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/temp_dir.hpp"

namespace mooring::sessiond {
namespace {

using namespace std::chrono_literals;

std::string command(const std::vector<std::string>& words) {
  std::string out;
  resp_writer writer(out);
  writer.array(words.size());
  for (const auto& word : words)
    writer.bulk(word);
  return out;
}

// The server runs on a thread of its own; the test is a blocking client.
struct sessiond_server_test : ::testing::Test {
  sessiond_server_test() {
    config.max_connections = 3;
    config.lock_wait = 2s;
  }
  ~sessiond_server_test() override { stop(); }

  void start() {
    build();
    run();
  }
  void build() {
    sessions.emplace(*store, time, log, config, io.get_executor());
    server_facts facts;
    facts.info = [] { return std::string("# Server\r\nx:1\r\n"); };
    facts.metrics = [this] { return registry.render(); };
    commands.emplace(*sessions, time, log, registry, std::move(facts));
    unix_listen_options where;
    where.path = path;
    under_test.emplace(unix_listener::bind(io.get_executor(), where).value(), config, *commands, log, registry);
    spawn(io.get_executor(), log, "accept", under_test->accept());
  }
  void run() {
    io.restart();
    thread = std::thread([this] { io.run(); });
  }
  void stop() {
    if (!thread.joinable()) return;
    asio::post(io, [this] {
      asio::co_spawn(io, under_test->drain(2s), [](std::exception_ptr, bool clean) { EXPECT_TRUE(clean); });
    });
    thread.join();
  }

  struct peer {
    explicit peer(const std::string& to) : socket(io) { socket.connect(unix_protocol::endpoint(to)); }
    void send(const std::string& bytes) {
      error_code ignored;
      asio::write(socket, asio::buffer(bytes), ignored);
    }
    // What arrives until there is `bytes` of it or the end.
    std::string receive(std::size_t bytes) {
      std::string out(bytes, '\0');
      error_code ec;
      out.resize(asio::read(socket, asio::buffer(out), ec));
      return out;
    }
    std::string ask(const std::vector<std::string>& words, const std::string& expected) {
      send(command(words));
      return receive(expected.size());
    }
    asio::io_context io{1};
    unix_protocol::socket socket;
  };

  test::temp_dir dir;
  std::string path = dir.file("s.sock");
  asio::io_context io{1};
  system_clock time;
  std::unique_ptr<session_store> store = open_sqlite_store(dir.file("s.db"), time).value();
  std::string lines;
  logger log = logger::to_string(lines);
  metrics registry;
  session_settings config;
  std::optional<session_service> sessions;
  std::optional<dispatcher> commands;
  std::optional<server> under_test;
  std::thread thread;
};

void expect_reply(sessiond_server_test::peer& client, const std::vector<std::string>& words, const std::string& reply) {
  EXPECT_EQ(client.ask(words, reply), reply) << words.front();
}

TEST_F(sessiond_server_test, speaks_to_any_redis_client) {
  start();
  peer client(path);
  expect_reply(client, {"PING"}, "+PONG\r\n");
  expect_reply(client, {"ping", "x"}, "$1\r\nx\r\n");
  expect_reply(client, {"Echo", ""}, "$0\r\n\r\n");
  expect_reply(client, {"INFO", "server"}, "$15\r\n# Server\r\nx:1\r\n\r\n");
  expect_reply(client, {"COMMAND", "DOCS"}, "*0\r\n");
  expect_reply(client, {"SELECT", "0"}, "+OK\r\n");
  expect_reply(client, {"SELECT", "1"}, "+OK\r\n");
  expect_reply(client, {"SELECT", "16"}, "-ERR DB index is out of range\r\n");
  expect_reply(client, {"HELLO", "3"}, "-ERR only RESP2 is spoken here; send HELLO 2\r\n");
  expect_reply(client, {"NOPE\n"}, "-ERR unknown command 'NOPE?'\r\n");
  expect_reply(client, {"PING", "a", "b"}, "-ERR wrong number of arguments for 'ping' command\r\n");
  expect_reply(client, {"QUIT"}, "+OK\r\n");
  EXPECT_EQ(client.receive(1), "");
}

TEST_F(sessiond_server_test, answers_a_pipeline_in_order) {
  start();
  peer client(path);
  client.send(command({"RESET"}) + command({"SESSION.OPEN", "n", "id", "READONLY"}) + command({"PING"}));
  const std::string replies = "+RESET\r\n*2\r\n$-1\r\n$-1\r\n+PONG\r\n";
  EXPECT_EQ(client.receive(replies.size()), replies);
}

TEST_F(sessiond_server_test, garbage_is_answered_and_closed_and_others_do_not_notice) {
  start();
  peer good(path);
  peer bad(path);
  bad.send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_EQ(bad.receive(1000).rfind("-ERR Protocol error", 0), 0U);
  peer huge(path);
  huge.send("*1\r\n$536870912\r\n" + std::string(100'000, 'x'));
  EXPECT_EQ(huge.receive(1000).rfind("-ERR Protocol error", 0), 0U);
  expect_reply(good, {"PING"}, "+PONG\r\n");
}

// The reactor hands out the peer's end before the timer: the connection is gone when the timer's turn comes.
TEST_F(sessiond_server_test, a_refused_client_that_leaves_just_when_its_time_is_over_ends_nothing_else) {
  build();
  peer bad(path);
  bad.send("GET / HTTP/1.0\r\n\r\n");
  while (bad.socket.available() == 0)
    io.run_one();
  io.poll();
  ASSERT_EQ(under_test->connections(), 1U) << "it may go on sending for a while";
  std::this_thread::sleep_for(linger_time + 50ms);
  bad.socket.close();
  EXPECT_NO_THROW(io.poll());
  EXPECT_EQ(under_test->connections(), 0U);
  run();
  peer good(path);
  expect_reply(good, {"PING"}, "+PONG\r\n");
}

TEST_F(sessiond_server_test, a_client_that_goes_on_sending_after_its_error_is_left_in_the_end) {
  start();
  peer bad(path);
  bad.send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_EQ(bad.receive(20).rfind("-ERR Protocol error", 0), 0U);
  const auto error_seen = std::chrono::steady_clock::now();
  error_code ended;
  while (!ended) {
    asio::write(bad.socket, asio::buffer("more\r\n", 6), ended);
    std::this_thread::sleep_for(1ms);
  }
  EXPECT_GE(std::chrono::steady_clock::now() - error_seen, linger_time / 2);
}

TEST_F(sessiond_server_test, takes_as_many_connections_as_the_limit_says) {
  start();
  peer one(path), two(path), three(path);
  for (auto* client : {&one, &two, &three})
    expect_reply(*client, {"PING"}, "+PONG\r\n");
  peer four(path), five(path);
  for (auto* client : {&four, &five})
    EXPECT_EQ(client->receive(1000).rfind("-ERR max number of clients reached", 0), 0U);
  expect_reply(one, {"QUIT"}, "+OK\r\n");
  EXPECT_EQ(one.receive(1), "");
  peer again(path);
  expect_reply(again, {"PING"}, "+PONG\r\n");
  for (auto* client : {&two, &three, &again})
    expect_reply(*client, {"QUIT"}, "+OK\r\n");
  stop();
  const auto logged = lines.find("event=connections.full max_connections=3");
  EXPECT_NE(logged, std::string::npos);
  EXPECT_EQ(lines.find("event=connections.full", logged + 1), std::string::npos) << "one line for a spell";
}

TEST_F(sessiond_server_test, only_listed_users_get_in) {
  config.allow_uids = {static_cast<std::int64_t>(::getuid()) + 1};
  start();
  peer client(path);
  EXPECT_EQ(client.receive(1000).rfind("-ERR this user may not use sessiond", 0), 0U);
}

TEST_F(sessiond_server_test, the_end_of_a_connection_releases_its_lock) {
  start();
  auto holder = std::make_unique<peer>(path);
  holder->send(command({"SESSION.OPEN", "n", "id"}));
  EXPECT_EQ(holder->receive(4), "*2\r\n");
  peer waiter(path);
  waiter.send(command({"SESSION.OPEN", "n", "id"}));
  std::this_thread::sleep_for(20ms);
  holder.reset();
  EXPECT_EQ(waiter.receive(4), "*2\r\n");
}

TEST_F(sessiond_server_test, errors_of_arguments_name_them) {
  start();
  peer client(path);
  expect_reply(client, {"SESSION.OPEN", "n", "../x"}, "-ERR invalid session id; use 1 to 256 of A-Z a-z 0-9 , -\r\n");
  expect_reply(client, {"SESSION.OPEN", "n", "x", "WRITEONLY"},
               "-ERR unknown option 'WRITEONLY'; SESSION.OPEN takes READONLY\r\n");
  expect_reply(client, {"SESSION.TOUCH", "n", "x", "1-a", "soon"}, "-ERR invalid ttl; use 1 to 3162240000 seconds\r\n");
  expect_reply(client, {"SESSION.CLOSE", "n", "x", "1-a"}, "+OK\r\n");
  expect_reply(client, {"SESSION.EXISTS", "n", "x"}, ":0\r\n");
  expect_reply(client, {"SESSION.DESTROY", "n", "x"}, ":0\r\n");
}

TEST_F(sessiond_server_test, a_drain_lets_a_request_with_an_open_session_commit_and_serves_who_waits_for_it) {
  start();
  peer holder(path);
  holder.send(command({"SESSION.OPEN", "n", "id"}));
  const std::string reply = holder.receive(std::string("*2\r\n$21\r\n0-1838265537028470168\r\n$-1\r\n").size());
  const std::string token = reply.substr(9, 21);
  peer waiter(path);
  waiter.send(command({"SESSION.OPEN", "n", "id"}));
  std::this_thread::sleep_for(20ms);
  std::thread drain([this] { stop(); });
  std::this_thread::sleep_for(20ms);
  expect_reply(holder, {"SESSION.COMMIT", "n", "id", token, "100", "cart"}, "+OK\r\n");
  EXPECT_EQ(holder.receive(1), "");
  EXPECT_EQ(waiter.receive(4), "*2\r\n");
  waiter.socket.close();
  drain.join();
}

TEST_F(sessiond_server_test, a_drain_ends_idle_connections_and_removes_the_socket) {
  start();
  peer idle(path);
  expect_reply(idle, {"PING"}, "+PONG\r\n");
  stop();
  EXPECT_EQ(idle.receive(1), "");
  EXPECT_THROW(peer{path}, boost::system::system_error);
}

}  // namespace
}  // namespace mooring::sessiond
