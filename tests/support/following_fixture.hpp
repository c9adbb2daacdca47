// A following_store over two regions that the test breaks, makes lag and mends: a table each, nothing is replicated
// but by the test.
#pragma once

#include <gtest/gtest.h>

#include "sessiond/region/following_store.hpp"
#include "tests/support/failing_store.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/memory_table.hpp"
#include "tests/support/run_task.hpp"

namespace mooring::test {

using namespace sessiond;
using namespace std::chrono_literals;

constexpr std::int64_t now = 1'800'000'000;
constexpr const char* key = "k";

struct following_fixture : ::testing::Test {
  following_fixture() {
    time.set_wall(now);
    std::vector<followed_region> regions;
    for (side* each : {&east, &west}) {
      auto breakable = std::make_unique<failing_store>(*each->store);
      each->broken = breakable.get();
      regions.push_back({each->name, std::move(breakable)});
    }
    store = std::make_unique<following_store>(std::move(regions), time, logger::to_string(lines), registry,
                                              follow_terms{1s, 120s}, io.get_executor());
    look_for(std::chrono::duration_cast<seconds>(notice_life));
  }

  struct side {
    side(following_fixture& test, const char* called)
        : name(called), table(test.time), store(table.store("this node")) {}
    std::string name;
    memory_region table;
    std::unique_ptr<session_store> store;
    failing_store* broken = nullptr;
  };

  template <class T>
  T run(task<T> work) {
    return run_task(io, std::move(work));
  }
  call_budget soon() { return time.steady() + 5s; }
  void settle() {
    for (int i = 0; i < 20; ++i)
      io.restart(), io.run_for(10ms);
  }

  result<void> save_in(session_store& where, const std::string& data, session_version expected,
                       session_version version) {
    session_write write;
    write.data = data;
    write.expected = expected;
    write.version = version;
    write.expires = now + 1000;
    return run(where.save(key, std::move(write), soon()));
  }
  result<void> save(const std::string& data, session_version expected, session_version version) {
    return save_in(*store, data, expected, version);
  }
  // Until nothing is brought along behind the calls any more.
  void until_replayed() {
    io.restart();
    while (store->replaying() && io.run_one() > 0) {
    }
  }

  result<void> touch(session_version version, std::int64_t expires) {
    session_touch out;
    out.version = version;
    out.expires = expires;
    return run(store->touch(key, out, soon()));
  }
  // 0: nothing lives there.
  std::int64_t expiry_in(session_store& where) {
    const auto found = run(where.load(key, soon())).value();
    return found ? found->expires : 0;
  }

  std::string load_in(session_store& where) {
    const auto found = run(where.load(key, soon())).value();
    return found ? found->data : "-";
  }
  std::string load() { return load_in(*store); }
  // Two looks at both regions, where nobody has given notice.
  void look() {
    for (const std::size_t region : {0U, 1U}) {
      const auto& how = (region == 0 ? east : west).broken->before;
      result<notice_stamps> seen = notice_stamps();
      if (how) seen = error(*how, "the test says so");
      for (int looks = 0; looks < 2; ++looks)
        store->where().looked(region, time.steady(), seen);
    }
  }
  void look_for(seconds time_to_pass) {
    for (seconds gone{0}; gone < time_to_pass; ++gone) {
      time.advance(1s);
      look();
    }
  }
  // Another node cannot reach the other region.
  void gives_notice(const side& which) {
    notice_stamps stamps;
    stamps.back() = std::to_string(++stamp);
    store->where().looked(&which == &east ? 0 : 1, time.steady(), stamps);
  }
  void breaks(side& which, errc how = errc::region_unavailable) { which.broken->before = how; }
  void mends(side& which) { which.broken->before.reset(); }

  asio::io_context io{1};
  fake_clock time;
  std::string lines;
  int stamp = 0;
  metrics registry;
  side east{*this, "us-east-1"};
  side west{*this, "eu-west-1"};
  std::unique_ptr<following_store> store;
};

}  // namespace mooring::test
