#include "sessiond/journal/journal_writer.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>

#include "tests/support/fake_clock.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/sqlite_disk.hpp"
#include "tests/support/temp_dir.hpp"

namespace mooring::sessiond {
namespace {

using namespace std::chrono_literals;

struct journal_writer_test : ::testing::Test, journal_writer::owner {
  journal_writer_test() {
    writer = std::make_unique<journal_writer>(io.get_executor(), journal_file::open(path, "sessions").value(), time,
                                              logger::to_string(lines), fsyncs, *this);
  }
  ~journal_writer_test() override { end(); }
  void end() {
    if (!writer) return;
    disk.sync_hangs = false;
    writer->stop();
    io.restart();
    io.run();
    writer.reset();
  }

  const journal_row* row_of(const std::string& key) const override {
    const auto found = kept.find(key);
    return found == kept.end() ? nullptr : &found->second;
  }
  void is_kept(journal_row row) override {
    const std::string key = row.key;
    kept[key] = std::move(row);
  }

  static journal_row row(const std::string& key, session_version version) {
    journal_row out;
    out.key = key;
    out.version = version;
    out.sequence = version;
    return out;
  }
  steady_time soon() const { return time.steady() + 5s; }
  result<void> write(const std::string& key, session_version version) {
    return test::run_task(io, writer->write(row(key, version), soon()));
  }
  // Writes whose end nobody waits for here.
  void begin(const std::string& key, session_version version) {
    const auto note = [this](std::exception_ptr, const result<void>& outcome) { (outcome ? good : bad) += 1; };
    asio::co_spawn(io, writer->write(row(key, version), soon()), note);
  }
  void turn_over(milliseconds moment = 20ms) {
    io.restart();
    io.run_for(moment);
  }
  std::vector<journal_row> on_disk() {
    end();
    return journal_file::open(path, "sessions").value()->rows().value();
  }

  test::temp_dir dir;
  const std::string path = dir.file("journal.db");
  test::sqlite_disk disk;
  asio::io_context io{1};
  test::fake_clock time;
  std::string lines;
  histogram fsyncs{latency_buckets()};
  std::map<std::string, journal_row> kept;
  int good = 0, bad = 0;
  std::unique_ptr<journal_writer> writer;
};

TEST_F(journal_writer_test, what_came_while_the_disk_was_busy_shares_one_fsync) {
  ASSERT_TRUE(write("first", 1));
  const int before = disk.syncs;
  disk.sync_hangs = true;
  begin("second", 2);
  turn_over();
  for (session_version version = 3; version <= 50; ++version)
    begin("k" + std::to_string(version), version);
  turn_over();
  EXPECT_EQ(good, 0);
  disk.sync_hangs = false;
  turn_over(100ms);
  EXPECT_EQ(good, 49);
  EXPECT_EQ(disk.syncs, before + 2);
  EXPECT_EQ(on_disk().size(), 50U);
}

TEST_F(journal_writer_test, a_row_is_kept_before_its_writer_hears_of_it) {
  ASSERT_TRUE(write("k", 1));
  EXPECT_EQ(kept.at("k").version, 1);
}

TEST_F(journal_writer_test, a_correction_brings_the_disk_in_line) {
  ASSERT_TRUE(write("gone", 1));
  ASSERT_TRUE(write("changed", 2));
  kept.erase("gone");
  kept["changed"].version = 3;
  writer->correct("gone", false);
  ASSERT_TRUE(test::run_task(io, writer->settle("changed", soon())));
  const auto rows = on_disk();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows.front().version, 3);
}

// A correction that was asked for while a newer row was on its way must not undo that.
TEST_F(journal_writer_test, a_correction_does_not_take_away_a_row_that_comes_with_it) {
  ASSERT_TRUE(write("k", 1));
  disk.sync_hangs = true;
  begin("k", 2);
  turn_over();
  kept.erase("k");
  writer->correct("k", false);
  disk.sync_hangs = false;
  turn_over(100ms);
  EXPECT_EQ(good, 1);
  const auto rows = on_disk();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows.front().version, 2);
}

TEST_F(journal_writer_test, a_correction_yields_to_a_row_of_the_same_transaction) {
  ASSERT_TRUE(write("k", 1));
  disk.sync_hangs = true;
  begin("other", 2);
  turn_over();
  begin("k", 3);
  writer->correct("k", false);
  disk.sync_hangs = false;
  turn_over(100ms);
  EXPECT_EQ(good, 2);
  const auto rows = on_disk();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows.back().version, 3);
}

TEST_F(journal_writer_test, a_disk_that_fails_is_left_alone_for_a_moment_and_recovers_by_itself) {
  ASSERT_TRUE(write("k", 1));
  disk.write_fails = SQLITE_FULL;
  EXPECT_EQ(write("k", 2).error().code(), errc::io);
  EXPECT_NE(lines.find("free space on its disk"), std::string::npos) << lines;
  disk.write_fails = SQLITE_OK;
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_FALSE(write("other", 3));  // at once, and without a look at the disk
  EXPECT_LT(std::chrono::steady_clock::now() - begun, disk_pause / 2);
  turn_over(disk_pause + 200ms);
  EXPECT_NE(lines.find("journal.disk_is_back"), std::string::npos) << lines;
  EXPECT_TRUE(write("other", 4));
  EXPECT_EQ(kept.at("k").version, 1);
  const auto rows = on_disk();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows.front().version, 1);
}

TEST_F(journal_writer_test, a_disk_that_hangs_makes_one_writer_wait_and_the_next_ones_not) {
  ASSERT_TRUE(write("k", 1));
  disk.sync_hangs = true;
  EXPECT_EQ(write("k", 2).error().code(), errc::timed_out);
  time.advance(1s);
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(write("other", 3).error().code(), errc::timed_out);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, disk_patience / 2);
  disk.sync_hangs = false;
  turn_over(100ms);
  // The row whose writer has left came to the disk after all, and was taken back.
  EXPECT_EQ(kept.at("k").version, 1);
  EXPECT_TRUE(write("other", 4));
  const auto rows = on_disk();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows.front().version, 1);
}

TEST_F(journal_writer_test, stopping_writes_what_is_queued) {
  begin("k", 1);
  writer->stop();
  turn_over(100ms);
  EXPECT_EQ(good, 1);
  EXPECT_EQ(on_disk().size(), 1U);
}

}  // namespace
}  // namespace mooring::sessiond
