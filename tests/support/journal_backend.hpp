// The journal over the DynamoDB emulator, as a store that tests of the contract can use: each write is made under the
// session's lease, which is what gives the journal its say.
#pragma once

#include "sessiond/journal/journal_store.hpp"
#include "tests/support/store_backends.hpp"

namespace mooring::test {

class leasing_store final : public sessiond::session_store {
 public:
  explicit leasing_store(sessiond::journal_store& journal) : journal_(journal) {}

  std::int64_t now() const override { return journal_.now(); }
  task<result<std::optional<sessiond::stored_session>>> load(std::string key, call_budget budget) override {
    co_return co_await journal_.load(std::move(key), budget);
  }
  task<result<bool>> exists(std::string key, call_budget budget) override {
    co_return co_await journal_.exists(std::move(key), budget);
  }
  task<result<void>> save(std::string key, sessiond::session_write write, call_budget budget) override {
    auto leased = co_await journal_.acquire(key, budget);
    if (!leased) co_return leased.error();
    write.lease = sessiond::lease_after::release;
    co_return co_await journal_.save(std::move(key), std::move(write), budget);
  }
  task<result<sessiond::leased_session>> acquire(std::string key, call_budget budget) override {
    co_return co_await journal_.acquire(std::move(key), budget);
  }
  task<result<void>> renew(std::string key, call_budget budget) override {
    co_return co_await journal_.renew(std::move(key), budget);
  }
  task<result<void>> release(std::string key, call_budget budget) override {
    co_return co_await journal_.release(std::move(key), budget);
  }
  task<result<void>> touch(std::string key, sessiond::session_touch touch, call_budget budget) override {
    touch.lease = sessiond::lease_after::release;
    co_return co_await journal_.touch(std::move(key), touch, budget);
  }
  task<result<bool>> remove(std::string key, sessiond::session_version known, call_budget budget) override {
    co_return co_await journal_.remove(std::move(key), known, budget);
  }

 private:
  sessiond::journal_store& journal_;
};

struct journal_backend final : backend {
  // Without a flusher everything stays pending: what is seen then comes from the journal alone.
  explicit journal_backend(bool flushing) : table(io, time) {
    inner = table.store("this node");
    auto file = sessiond::journal_file::open(dir.file("journal.db"), "sessions").value();
    journal = std::make_unique<sessiond::journal_store>(
        *inner, [] { return std::string(); }, std::move(file), std::vector<sessiond::journal_row>(), time,
        logger::to_string(lines), registry, config, io.get_executor());
    if (flushing) spawn(io.get_executor(), logger::to_string(lines), "flush", journal->flush());
    store = std::make_unique<leasing_store>(*journal);
  }
  ~journal_backend() override {
    journal->stop();
    io.restart();
    io.run();
    store.reset();
    journal.reset();
    inner.reset();
  }
  dynamo_table table;
  temp_dir dir;
  std::string lines;
  metrics registry;
  session_settings config;
  std::unique_ptr<sessiond::session_store> inner;
  std::unique_ptr<sessiond::journal_store> journal;
};

}  // namespace mooring::test
