// session_service over the embedded store, a clock that stands still, and a store that fails on demand.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "sessiond/session/session_service.hpp"
#include "sessiond/store/sqlite_store.hpp"
#include "tests/support/failing_store.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/temp_dir.hpp"

namespace mooring::sessiond {

struct session_service_test : ::testing::Test {
  session_service_test() { restart(); }
  ~session_service_test() override { sessions.reset(); }

  // What a restart of the daemon does: locks and tokens are forgotten, the store is not.
  void restart() { sessions = std::make_unique<session_service>(store, time, log, config, io.get_executor()); }
  client connect() {
    client out;
    out.id = ++last_id;
    out.gone = [] { return false; };
    return out;
  }
  result<opened> open(client& who, open_mode mode = open_mode::exclusive) {
    return test::run_task(io, sessions->open(who, "k", mode));
  }
  result<void> commit(client& who, const std::string& token, const std::string& data, std::int64_t ttl = 1000) {
    return test::run_task(io, sessions->commit(who, "k", token, ttl, data));
  }
  result<void> touch(client& who, const std::string& token, std::int64_t ttl = 1000) {
    return test::run_task(io, sessions->touch(who, "k", token, ttl));
  }
  void close(client& who, const std::string& token) { test::run_task(io, closed(who, token)); }
  task<bool> closed(client& who, std::string token) {
    co_await sessions->close(who, "k", token);
    co_return true;
  }
  std::optional<std::string> stored() {
    client reader = connect();
    return open(reader, open_mode::read_only).value().data;
  }
  void put(const std::string& data) {
    client writer = connect();
    const auto token = *open(writer).value().token;
    ASSERT_TRUE(commit(writer, token, data));
  }

  test::temp_dir dir;
  asio::io_context io{1};
  test::fake_clock time;
  std::unique_ptr<session_store> real = open_sqlite_store(dir.file("s.db"), time).value();
  test::failing_store store{*real};
  session_settings config;
  std::string lines;
  logger log = logger::to_string(lines);
  std::unique_ptr<session_service> sessions;
  owner_id last_id = 0;
};

}  // namespace mooring::sessiond
