// A node does its work and dies: between any two steps of the table and of the disk. The next process on the same file
// serves and stores everything that was acknowledged, and nothing that was removed comes back.
#include <atomic>

#include "tests/support/journal_fixture.hpp"
#include "tests/support/sqlite_disk.hpp"

namespace mooring::sessiond {
namespace {

using namespace std::chrono_literals;

using session_state = std::optional<std::string>;  // the data; nothing: absent

struct journal_steps_test : journal_store_test {
  // What a session may be: the last one is acknowledged, or was asked for when the process died.
  std::map<std::string, std::vector<session_state>> known{
      {"old", {"stored"}}, {"new", {std::nullopt}}, {"born", {std::nullopt}}};

  void asked_for(const std::string& key, session_state state) {
    if (!dead) known[key].push_back(std::move(state));
  }
  void acknowledged(const std::string& key) {
    if (!dead) known[key] = {known[key].back()};
  }
  void refused(const std::string& key) {
    if (!dead) known[key].pop_back();
  }

  // One more step of the process: is it the last?
  void step() {
    if (++steps != dies_at) return;
    const std::lock_guard lock(images_mutex);
    const std::size_t operations = disk.operations();
    images = chance() % 2 == 0 ? disk.after_kill(operations) : disk.after_power_cut(operations, chance);
    dead = true;
  }
  void table_step() {
    step();
    if (dead) table().fails = errc::cancelled;
  }

  task<void> commit(std::string key, session_version expected, session_version version, lease_after lease) {
    const std::string data = key + " " + std::to_string(version);
    asked_for(key, data);
    session_write write = write_of(data, expected, version, lease);
    auto saved = co_await store().save(key, write, budget());
    if (saved) acknowledged(key);
    if (!saved && saved.error().code() == errc::stale) refused(key);
  }
  task<void> destroy(std::string key) {
    asked_for(key, std::nullopt);
    auto removed = co_await store().remove(key, no_version, budget());
    if (removed) acknowledged(key);
  }
  task<void> open(std::string key) {
    auto opened = co_await store().acquire(key, budget());
    static_cast<void>(opened);
  }
  task<void> cut_off(bool cut) {
    if (cut) table().fails = errc::region_unavailable;
    if (!cut && !dead) table().fails.reset();
    co_await sleep_for(5ms);
  }

  // Sessions that exist and that do not, with and without an outage, a removal in between.
  task<bool> work() {
    co_await open("old");
    co_await commit("old", 10, 11, lease_after::keep);
    co_await commit("old", 11, 12, lease_after::release);
    co_await commit("new", no_version, 21, lease_after::release);
    co_await open("old");
    co_await cut_off(true);
    co_await commit("old", 12, 13, lease_after::keep);
    co_await commit("old", 13, 14, lease_after::release);
    co_await cut_off(false);
    co_await open("new");
    co_await destroy("new");
    co_await cut_off(true);
    co_await commit("new", no_version, 22, lease_after::release);
    co_await cut_off(false);
    co_await open("new");
    co_await commit("new", 22, 23, lease_after::release);
    co_await destroy("new");
    co_await open("old");
    co_await commit("old", 14, 15, lease_after::release);
    co_await destroy("old");
    // Created while the table is away, and destroyed before it was ever stored there.
    co_await cut_off(true);
    co_await commit("born", no_version, 31, lease_after::release);
    co_await sleep_for(20ms);
    if (!dead) table().fails.reset();
    co_await destroy("born");
    co_await sleep_for(10ms);
    co_return true;
  }

  ::testing::AssertionResult is_known(const std::string& key, const session_state& found) const {
    const auto& states = known.at(key);
    if (std::find(states.begin(), states.end(), found) != states.end()) return ::testing::AssertionSuccess();
    auto failure = ::testing::AssertionFailure() << key << " is " << found.value_or("(absent)") << ", not one of:";
    for (const auto& state : states)
      failure << " " << state.value_or("(absent)");
    return failure;
  }
  session_state seen(const std::string& key) {
    const auto found = run(store().load(key, budget())).value();
    return found ? session_state(found->data) : std::nullopt;
  }

  std::atomic<bool> dead{false};
  std::atomic<int> steps{0};
  int dies_at = 0;
  std::mutex images_mutex;
  std::mt19937 chance{std::random_device{}()};
  test::sqlite_disk::images images;
  test::sqlite_disk disk;
};

// One life: false when the work was done before the process came to its last step.
bool live_and_die_at(journal_steps_test& test, int last_step) {
  test.put_into_table("old", "stored", 10);
  test.start();
  test.dies_at = last_step;
  test.table().step = [&test] { test.table_step(); };
  test.disk.on_sync = [&test] { test.step(); };
  test.run(test.work());
  if (!test.dead) test.settle();
  test.end();
  return test.dead;
}

// Each life is a test's own fixture, so that it begins from nothing.
struct one_life final : journal_steps_test {
  void TestBody() override {}
  void check_the_next_process() {
    test::temp_dir crashed;
    test::sqlite_disk::put(images, crashed.file(""));
    process = std::make_unique<journal_process>(io, items, time, log, config, crashed.file("journal.db"));
    for (const auto& [key, states] : known)
      EXPECT_TRUE(is_known(key, seen(key)));
    spawn(io.get_executor(), log, "flush", store().flush());
    settle();
    EXPECT_EQ(store().pending(), 0U);
    for (const auto& [key, states] : known) {
      const auto stored = items.items.find(key);
      EXPECT_TRUE(is_known(key, stored == items.items.end() ? std::nullopt : session_state(stored->second.data)));
    }
    end();
  }
};

TEST(journal_steps, a_process_may_die_between_any_two) {
  int lives = 0;
  for (int step = 1;; ++step) {
    SCOPED_TRACE("died at step " + std::to_string(step));
    one_life life;
    const bool died = live_and_die_at(life, step);
    if (!died) {
      const std::map<std::string, std::vector<session_state>> all_removed{
          {"old", {std::nullopt}}, {"new", {std::nullopt}}, {"born", {std::nullopt}}};
      EXPECT_EQ(life.known, all_removed) << life.lines;
      break;
    }
    ++lives;
    life.check_the_next_process();
    if (::testing::Test::HasFailure()) FAIL() << life.lines;
  }
  EXPECT_GT(lives, 35);
}

}  // namespace
}  // namespace mooring::sessiond
