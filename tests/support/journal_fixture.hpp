// journal_store of one node over a table in memory, which another node uses, too; with a clock that stands still.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>

#include "mooring/net/deadline.hpp"
#include "sessiond/journal/journal_store.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/memory_table.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/temp_dir.hpp"

namespace mooring::sessiond {

using namespace std::chrono_literals;

// One process: its journal, and its view of the table.
struct journal_process {
  journal_process(asio::io_context& io, test::memory_table& items, const clock& time, const logger& log,
                  const session_settings& config, const std::string& path)
      : table(items, time, "node a", config.lease) {
    auto file = journal_file::open(path, "sessions").value();
    auto left = file->rows().value();
    store = std::make_unique<journal_store>(
        table, [] { return std::string(); }, std::move(file), std::move(left), time, log, registry, config,
        io.get_executor());
  }
  metrics registry;
  test::memory_store table;
  std::unique_ptr<journal_store> store;
};

struct journal_store_test : ::testing::Test {
  journal_store_test() { config.durability = "journal"; }
  ~journal_store_test() override { end(); }

  // The flusher runs from here on; without it, rows stay pending.
  void start(bool flushing = true) {
    process = std::make_unique<journal_process>(io, items, time, log, config, dir.file("journal.db"));
    if (flushing) spawn(io.get_executor(), log, "flush", process->store->flush());
  }
  void end() {
    if (!process) return;
    process->table.hangs = false;
    process->store->stop();
    io.restart();
    io.run();
    process.reset();
  }
  void restart(bool flushing = true) {
    end();
    start(flushing);
  }
  journal_store& store() { return *process->store; }
  test::memory_store& table() { return process->table; }

  template <class T>
  T run(task<T> work) {
    return test::run_task(io, std::move(work));
  }
  call_budget budget(milliseconds left = seconds(5)) const { return call_budget(time.steady() + left); }
  session_write write_of(const std::string& data, session_version expected, session_version version,
                         lease_after lease = lease_after::release) const {
    session_write out;
    out.data = data;
    out.expected = expected;
    out.version = version;
    out.expires = table_now() + 1000;
    out.lease = lease;
    return out;
  }
  session_touch touch_of(session_version version, std::int64_t expires,
                         lease_after lease = lease_after::release) const {
    session_touch out;
    out.version = version;
    out.expires = expires;
    out.lease = lease;
    return out;
  }
  std::int64_t table_now() const { return unix_seconds(time.wall()); }

  result<void> save(const std::string& data, session_version expected, session_version version,
                    lease_after lease = lease_after::release, const std::string& key = "k") {
    return run(store().save(key, write_of(data, expected, version, lease), budget()));
  }
  result<leased_session> acquire(const std::string& key = "k") { return run(store().acquire(key, budget())); }
  std::string loaded(const std::string& key = "k") {
    const auto found = run(store().load(key, budget())).value();
    return found ? found->data : "(absent)";
  }
  // A stored session whose lease this node has surely.
  void hold(const std::string& key = "k") {
    put_into_table(key, "stored", 10);
    ASSERT_EQ(acquire(key).value().answer, lease_answer::taken);
  }
  void put_into_table(const std::string& key, const std::string& data, session_version version) {
    test::memory_item item;
    item.data = data;
    item.version = version;
    item.expires = table_now() + 1000;
    items.items[key] = item;
  }
  void settle(milliseconds longest = seconds(3)) {
    const auto until = std::chrono::steady_clock::now() + longest;
    io.restart();
    while (store().pending() > 0 && std::chrono::steady_clock::now() < until)
      io.run_one_for(milliseconds(5));
    turn_over();
  }
  // What is under way gets a moment.
  void turn_over(milliseconds moment = milliseconds(20)) {
    io.restart();
    io.run_for(moment);
  }
  std::string in_table(const std::string& key = "k") const {
    const auto found = items.items.find(key);
    return found == items.items.end() ? "(absent)" : found->second.data;
  }
  std::string metric(const std::string& name) {
    store().measure();
    const std::string text = process->registry.render();
    const auto at = text.find("\n" + name + " ");
    if (at == std::string::npos) return "(absent)";
    const auto from = at + name.size() + 2;
    return text.substr(from, text.find('\n', from) - from);
  }

  asio::io_context io{1};
  test::fake_clock time;
  test::temp_dir dir;
  test::memory_table items;
  test::memory_store other{items, time, "node b"};
  session_settings config;
  std::string lines;
  logger log = logger::to_string(lines);
  std::unique_ptr<journal_process> process;
};

// With a table that the test takes away.
struct journal_outage_test : journal_store_test {
  void cut_off() { table().fails = errc::region_unavailable; }
  void reconnect() { table().fails.reset(); }
  // A pending commit whose lease may be over.
  void pending_unsure() {
    start();
    hold();
    cut_off();
    ASSERT_TRUE(save("cart", 10, 11));
    turn_over();
    time.advance(6s);
  }
  std::string conflicts() { return metric("mooring_journal_conflicts_total{found=\"running\"}"); }
};

}  // namespace mooring::sessiond
