// The session stores with everything they need; tests see only the interface and say what time it is.
#pragma once

#include <boost/asio/io_context.hpp>

#include "sessiond/store/sqlite_store.hpp"
#include "tests/support/dynamo_backend.hpp"
#include "tests/support/memory_table.hpp"
#include "tests/support/temp_dir.hpp"

namespace mooring::test {

struct backend {
  virtual ~backend() = default;
  asio::io_context io{1};
  fake_clock time;
  std::unique_ptr<sessiond::session_store> store;
};

struct embedded_backend final : backend {
  embedded_backend() { store = sessiond::open_sqlite_store(dir.file("sessions.db"), time).value(); }
  ~embedded_backend() override { store.reset(); }
  temp_dir dir;
};

// What tests use that need a store, and not DynamoDB's own ways.
struct memory_backend final : backend {
  memory_backend() {
    auto made = std::make_unique<memory_store>(table, time, "this node");
    made->packs_nothing = true;
    store = std::move(made);
  }
  ~memory_backend() override { store.reset(); }
  memory_table table;
};

inline session_settings sdk_sessions() {
  session_settings out;
  out.schema = "aws-sdk-php";
  return out;
}

struct dynamo_backend final : backend {
  explicit dynamo_backend(const session_settings& sessions) : table(io, time, sessions) {
    store = table.store("this node");
  }
  ~dynamo_backend() override { store.reset(); }
  dynamo_table table;
};

}  // namespace mooring::test
