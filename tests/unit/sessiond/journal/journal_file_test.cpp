// The journal's file: what it refuses to open, and that nothing acknowledged is ever missing from it.
#include "sessiond/journal/journal_file.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/sqlite_disk.hpp"
#include "tests/support/temp_dir.hpp"

namespace mooring::sessiond {
namespace {

journal_row row_of(const std::string& key, session_version version, std::size_t bytes = 100) {
  journal_row out;
  out.key = key;
  out.version = version;
  out.base = version - 1;
  out.sent = {version - 3, version - 2};
  out.expires = 1'800'000'000;
  out.touched = version % 2 == 0;
  out.sequence = version;
  out.data = std::string(bytes, static_cast<char>(version));
  return out;
}

journal_change put(const journal_row& row) {
  return {row.key, row};
}

struct journal_file_test : ::testing::Test {
  std::unique_ptr<journal_file> open(const std::string& table = "sessions") {
    return journal_file::open(path, table).value();
  }
  std::string refusal(const std::string& table = "sessions") {
    const auto opened = journal_file::open(path, table);
    return opened ? "(opened)" : opened.error().detail();
  }
  test::temp_dir dir;
  const std::string path = dir.file("journal.db");
};

TEST_F(journal_file_test, gives_back_every_byte_of_every_row_in_order) {
  std::string every;
  for (int i = 0; i < 256; ++i)
    every.push_back(static_cast<char>(i));
  journal_row first = row_of("b", 5);
  first.data = every;
  first.sent.clear();
  const journal_row second = row_of("a", 8);
  ASSERT_TRUE(open()->apply({put(second), put(first), put(row_of("gone", 9)), {"gone", std::nullopt}}, true));
  const std::vector<journal_row> expected{first, second};
  EXPECT_EQ(open()->rows().value(), expected);
}

TEST_F(journal_file_test, a_later_row_of_a_session_replaces_the_earlier_one) {
  auto file = open();
  ASSERT_TRUE(file->apply({put(row_of("k", 5))}, true));
  ASSERT_TRUE(file->apply({put(row_of("k", 6))}, true));
  const std::vector<journal_row> expected{row_of("k", 6)};
  EXPECT_EQ(file->rows().value(), expected);
}

TEST_F(journal_file_test, is_readable_for_its_user_only) {
  open();
  const auto mode = std::filesystem::status(path).permissions();
  EXPECT_EQ(mode & (std::filesystem::perms::group_all | std::filesystem::perms::others_all),
            std::filesystem::perms::none);
}

TEST_F(journal_file_test, belongs_to_one_process) {
  auto first = open();
  EXPECT_NE(refusal().find("is in use by another process"), std::string::npos) << refusal();
  EXPECT_EQ(commits_left_in(path).value(), 0);
  first.reset();
  EXPECT_EQ(refusal(), "(opened)");
}

TEST_F(journal_file_test, a_damaged_file_is_refused_with_the_remedy) {
  std::ofstream(path) << std::string(8192, 'x');
  EXPECT_NE(refusal().find("is damaged: restore it, or move it away"), std::string::npos) << refusal();
  EXPECT_FALSE(commits_left_in(path));
}

TEST_F(journal_file_test, a_file_that_is_damaged_inside_is_refused_too) {
  std::vector<journal_change> many;
  for (session_version version = 1; version <= 50; ++version)
    many.push_back(put(row_of("k" + std::to_string(version), version, 3000)));
  ASSERT_TRUE(open()->apply(many, true));
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  for (const int page : {2, 3, 4, 5, 6, 7, 8}) {
    file.seekp(page * 4096);
    file << std::string(200, '\xff');
  }
  file.close();
  EXPECT_NE(refusal().find("is damaged"), std::string::npos) << refusal();
}

TEST_F(journal_file_test, another_programs_database_is_refused) {
  sqlite3* handle = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &handle), SQLITE_OK);
  sqlite3_exec(handle, "CREATE TABLE theirs (x)", nullptr, nullptr, nullptr);
  sqlite3_close(handle);
  EXPECT_NE(refusal().find("is another program's file"), std::string::npos) << refusal();
}

TEST_F(journal_file_test, a_later_format_is_refused) {
  open();
  sqlite3* handle = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &handle), SQLITE_OK);
  sqlite3_exec(handle, "PRAGMA user_version = 2", nullptr, nullptr, nullptr);
  sqlite3_close(handle);
  EXPECT_NE(refusal().find("another version of Mooring"), std::string::npos) << refusal();
}

TEST_F(journal_file_test, commits_for_another_table_are_refused_and_an_empty_journal_changes_table) {
  ASSERT_TRUE(open("old")->apply({put(row_of("k", 5))}, true));
  EXPECT_NE(refusal("new").find("holds 1 commits for the table old"), std::string::npos) << refusal("new");
  ASSERT_TRUE(open("old")->apply({{"k", std::nullopt}}, true));
  EXPECT_EQ(refusal("new"), "(opened)");
  ASSERT_TRUE(open("new")->apply({put(row_of("k", 5))}, true));
  EXPECT_NE(refusal("old").find("for the table new"), std::string::npos);
}

TEST_F(journal_file_test, a_folder_that_is_not_there_is_named) {
  const auto opened = journal_file::open(dir.file("nowhere/journal.db"), "sessions");
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().detail().find("nowhere/journal.db"), std::string::npos);
}

TEST_F(journal_file_test, what_is_left_when_the_journal_is_switched_off_is_counted) {
  EXPECT_EQ(commits_left_in(path).value(), 0);
  EXPECT_FALSE(std::filesystem::exists(path));
  ASSERT_TRUE(open()->apply({put(row_of("a", 5)), put(row_of("b", 6))}, true));
  EXPECT_EQ(commits_left_in(path).value(), 2);
}

TEST_F(journal_file_test, a_full_disk_keeps_what_was_there_and_the_file_recovers_by_itself) {
  test::sqlite_disk disk;
  auto file = open();
  ASSERT_TRUE(file->apply({put(row_of("k", 5))}, true));
  for (auto* fault : {&disk.write_fails, &disk.sync_fails}) {
    *fault = fault == &disk.write_fails ? SQLITE_FULL : SQLITE_IOERR_FSYNC;
    EXPECT_EQ(file->apply({put(row_of("k", 6))}, true).error().code(), errc::io);
    EXPECT_FALSE(file->apply({put(row_of("k", 7))}, true));
    *fault = SQLITE_OK;
  }
  ASSERT_TRUE(file->apply({put(row_of("other", 8))}, true));
  const auto rows = file->rows().value();
  EXPECT_EQ(rows.back().key, "other");
  EXPECT_EQ(rows.front().key, "k");
}

TEST_F(journal_file_test, a_removal_costs_no_fsync) {
  test::sqlite_disk disk;
  auto file = open();
  ASSERT_TRUE(file->apply({put(row_of("k", 5))}, true));
  const int before = disk.syncs;
  ASSERT_TRUE(file->apply({{"k", std::nullopt}}, false));
  EXPECT_EQ(disk.syncs, before);
  ASSERT_TRUE(file->apply({put(row_of("k", 6))}, true));
  EXPECT_GT(disk.syncs, before);
}

// After each of many operations on the disk the process is killed, or the power cut. What apply() had said to be done
// must be there; what it had not may be there as a whole.
struct journal_crash_test : journal_file_test {
  using states = std::vector<std::pair<std::size_t, std::optional<journal_row>>>;  // known from that operation on

  void work(std::mt19937& chance) {
    auto file = open();
    for (session_version version = 1; version <= 90; ++version) {
      std::vector<journal_change> changes;
      bool durable = false;
      for (std::size_t i = 0; i < 1 + chance() % 3; ++i) {
        const std::string key = "k" + std::to_string((chance() + i) % 6);
        const auto same = [&key](const journal_change& change) { return change.key == key; };
        if (std::any_of(changes.begin(), changes.end(), same)) continue;
        const bool erases = chance() % 4 == 0;
        if (erases)
          changes.push_back({key, std::nullopt});
        else
          changes.push_back(put(row_of(key, version, 1000 + chance() % 60'000)));
        durable = durable || !erases;
      }
      begun_.emplace_back(disk_.operations(), changes);
      ASSERT_TRUE(file->apply(changes, durable));
      done_.emplace_back(disk_.operations(), durable);
    }
  }

  // All that the session may be after a crash at `operation`.
  void check(std::size_t operation, bool power_cut, const test::sqlite_disk::images& images) {
    test::temp_dir crashed;
    test::sqlite_disk::put(images, crashed.file(""));
    std::map<std::string, journal_row> found;
    const auto opened = journal_file::open(crashed.file("journal.db"), "sessions");
    ASSERT_TRUE(opened) << opened.error().text() << " at " << operation;
    for (const journal_row& row : (*opened)->rows().value())
      found[row.key] = row;
    // The transactions are one after the other, so the file is as it was after one of them.
    std::size_t least = 0, most = 0;
    for (std::size_t i = 0; i < done_.size(); ++i) {
      if (done_[i].first <= operation && (done_[i].second || !power_cut)) least = i + 1;
      if (begun_[i].first <= operation) most = i + 1;
    }
    std::map<std::string, journal_row> expected;
    for (std::size_t i = 0; i <= most; ++i) {
      if (i >= least && expected == found) return;
      if (i == most) break;
      for (const journal_change& change : begun_[i].second) {
        if (change.row)
          expected[change.key] = *change.row;
        else
          expected.erase(change.key);
      }
    }
    FAIL() << "after operation " << operation << (power_cut ? " and a power cut" : " and kill -9")
           << ": the file is as after none of the transactions " << least << " to " << most;
  }

  test::sqlite_disk disk_;
  std::vector<std::pair<std::size_t, std::vector<journal_change>>> begun_;
  std::vector<std::pair<std::size_t, bool>> done_;
};

TEST_F(journal_crash_test, everything_acknowledged_survives_kill_9_and_power_loss_at_any_moment) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 chance(seed);
  work(chance);
  ASSERT_FALSE(HasFatalFailure());
  const std::size_t first = begun_.front().first;
  const std::size_t last = disk_.operations();
  int looked = 0;
  for (std::size_t at = first; at <= last && !HasFatalFailure(); ++at) {
    const bool boundary = at < last && disk_.is_sync(at);
    if (chance() % (boundary ? 2 : 400) != 0) continue;
    for (const std::size_t moment : {at, std::min(at + 1, last)}) {
      check(moment, false, disk_.after_kill(moment));
      check(moment, true, disk_.after_power_cut(moment, chance));
    }
    ++looked;
  }
  EXPECT_GT(looked, 20);
}

}  // namespace
}  // namespace mooring::sessiond
