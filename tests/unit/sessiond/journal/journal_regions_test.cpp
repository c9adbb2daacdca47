// The journal over two regions, of which the second may lag: what was acknowledged follows the move.
#include "sessiond/region/following_store.hpp"
#include "tests/support/journal_fixture.hpp"

namespace mooring::sessiond {
namespace {

using namespace std::chrono_literals;

struct journal_regions_test : ::testing::Test {
  journal_regions_test() { config.durability = "journal"; }
  ~journal_regions_test() override { end(); }

  void start(bool flushing) {
    std::vector<followed_region> regions;
    auto first = std::make_unique<test::memory_store>(in_east, time, "node a");
    auto second = std::make_unique<test::memory_store>(in_west, time, "node a");
    east = first.get();
    west = second.get();
    regions.push_back({"us-east-1", std::move(first)});
    regions.push_back({"eu-west-1", std::move(second)});
    registry = std::make_unique<metrics>();
    following = std::make_unique<following_store>(std::move(regions), time, log, *registry, follow_terms{500ms, 120s},
                                                  io.get_executor());
    time.advance(std::chrono::duration_cast<seconds>(notice_life));
    for (const std::size_t region : {0U, 1U})
      following->where().looked(region, time.steady(), notice_stamps());
    auto file = journal_file::open(dir.file("journal.db"), "sessions").value();
    auto left = file->rows().value();
    const auto in_use = [this] { return following->where().in_use(); };
    store = std::make_unique<journal_store>(*following, in_use, std::move(file), std::move(left), time, log, *registry,
                                            config, io.get_executor());
    if (flushing) spawn(io.get_executor(), log, "flush", store->flush());
  }
  void end() {
    if (!store) return;
    store->stop();
    following->stop();
    io.restart();
    io.run();
    store.reset();
    following.reset();
  }

  static void put(test::memory_table& where, const std::string& data, session_version version) {
    test::memory_item item;
    item.data = data;
    item.version = version;
    item.expires = 1'800'001'000;
    where.items["k"] = item;
  }
  static std::string stored(const test::memory_table& where) {
    const auto found = where.items.find("k");
    return found == where.items.end() ? "(absent)" : found->second.data;
  }
  call_budget budget() const { return call_budget(time.steady() + 5s); }
  result<void> save(const std::string& data, session_version expected, session_version version) {
    session_write write;
    write.data = data;
    write.expected = expected;
    write.version = version;
    write.expires = 1'800'001'000;
    write.lease = lease_after::release;
    return test::run_task(io, store->save("k", write, budget()));
  }
  result<leased_session> acquire() { return test::run_task(io, store->acquire("k", budget())); }
  // A pending commit of a session that was read in the east.
  void commit_in_the_east() {
    start(false);
    put(in_east, "stored", 10);
    ASSERT_EQ(acquire().value().answer, lease_answer::taken);
    ASSERT_TRUE(save("cart", 10, 11));
    ASSERT_EQ(store->pending(), 1U);
    east->fails = errc::region_unavailable;
  }
  void settle() {
    const auto until = std::chrono::steady_clock::now() + 3s;
    io.restart();
    while (store->pending() > 0 && std::chrono::steady_clock::now() < until)
      io.run_one_for(5ms);
    io.run_for(20ms);
  }
  bool has_conflicts() const { return lines.find("journal.conflict") != std::string::npos; }

  asio::io_context io{1};
  test::fake_clock time;
  test::temp_dir dir;
  test::memory_table in_east, in_west;
  test::memory_store* east = nullptr;
  test::memory_store* west = nullptr;
  session_settings config;
  std::string lines;
  logger log = logger::to_string(lines);
  std::unique_ptr<metrics> registry;
  std::unique_ptr<following_store> following;
  std::unique_ptr<journal_store> store;
};

TEST_F(journal_regions_test, a_pending_commit_goes_to_the_other_region_although_that_lags) {
  for (const session_version lag : {no_version, session_version{9}, session_version{10}}) {
    in_west.items.clear();
    if (lag != no_version) put(in_west, "older", lag);
    commit_in_the_east();
    spawn(io.get_executor(), log, "flush", store->flush());
    settle();
    EXPECT_EQ(stored(in_west), "cart") << lag;
    EXPECT_FALSE(has_conflicts()) << lines;
    end();
  }
}

TEST_F(journal_regions_test, and_so_does_what_an_earlier_process_left) {
  for (const session_version lag : {no_version, session_version{9}, session_version{10}}) {
    in_west.items.clear();
    if (lag != no_version) put(in_west, "older", lag);
    commit_in_the_east();
    end();
    start(false);
    east->fails = errc::region_unavailable;
    EXPECT_EQ(acquire().value().session.data, "cart") << lag;
    spawn(io.get_executor(), log, "flush", store->flush());
    settle();
    EXPECT_EQ(stored(in_west), "cart") << lag;
    EXPECT_EQ(lines.find("journal.superseded"), std::string::npos) << lines;
    end();
  }
}

TEST_F(journal_regions_test, what_is_newer_in_the_other_region_stays) {
  put(in_west, "theirs", 99);
  commit_in_the_east();
  spawn(io.get_executor(), log, "flush", store->flush());
  settle();
  EXPECT_EQ(stored(in_west), "theirs");
  EXPECT_TRUE(has_conflicts());
}

TEST_F(journal_regions_test, a_lease_of_the_region_that_was_left_is_not_relied_on) {
  start(false);
  put(in_east, "stored", 10);
  put(in_west, "stored", 10);
  ASSERT_EQ(acquire().value().answer, lease_answer::taken);
  ASSERT_TRUE(following->where().publish("eu-west-1"));
  ASSERT_TRUE(save("cart", 10, 11));
  EXPECT_EQ(store->pending(), 0U);
  EXPECT_EQ(stored(in_west), "cart");
  ASSERT_EQ(acquire().value().session.data, "cart");
  ASSERT_TRUE(save("bigger", 11, 12));
  EXPECT_EQ(store->pending(), 1U);
}

}  // namespace
}  // namespace mooring::sessiond
