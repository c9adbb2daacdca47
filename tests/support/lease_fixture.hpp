// Two nodes' stores on one table, and what tests say to them.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>

#include "mooring/base/digest.hpp"
#include "mooring/net/deadline.hpp"
#include "sessiond/session/session_service.hpp"
#include "tests/support/dynamo_backend.hpp"
#include "tests/support/failing_store.hpp"

namespace mooring::sessiond {

using namespace std::chrono_literals;

struct lease_test : ::testing::Test {
  template <class T>
  T run(task<T> work) {
    return test::run_task(io, std::move(work));
  }
  static steady_time soon() { return std::chrono::steady_clock::now() + 10s; }
  static session_write write_of(const std::string& data, session_version expected, session_version version) {
    session_write out;
    out.data = data;
    out.expected = expected;
    out.version = version;
    out.expires = 1'800'001'000;
    out.lease = lease_after::release;
    return out;
  }
  lease_answer acquire(session_store& store) { return run(store.acquire("k", soon())).value().answer; }
  result<void> save(session_store& store, session_write write) {
    return run(store.save("k", std::move(write), soon()));
  }

  asio::io_context io{1};
  test::fake_clock time;
  test::dynamo_table table{io, time};
  std::unique_ptr<session_store> a = table.store("node a");
  std::unique_ptr<session_store> b = table.store("node b");
};

}  // namespace mooring::sessiond
