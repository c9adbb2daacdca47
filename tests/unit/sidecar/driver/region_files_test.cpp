// The disk hangs by a FIFO in the place of the temporary file: to open it for writing waits for a reader.
#include "sidecar/driver/region_files.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <fstream>

#include "mooring/base/small_file.hpp"
#include "mooring/region_file/region_file.hpp"
#include "sidecar/driver/memory_codec.hpp"
#include "tests/support/temp_dir.hpp"

namespace mooring::sidecar {
namespace {

using namespace std::chrono_literals;

class hanging_file {
 public:
  explicit hanging_file(const std::string& path) : fifo_(path + "." + std::to_string(::getpid()) + ".tmp") {
    if (::mkfifo(fifo_.c_str(), 0600) != 0) throw std::runtime_error("cannot make a FIFO");
  }
  // The write that waits goes on, and fails.
  ~hanging_file() {
    const int reader = ::open(fifo_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    while (std::filesystem::exists(fifo_))
      ::usleep(1000);
    ::close(reader);
  }
  hanging_file(const hanging_file&) = delete;
  hanging_file& operator=(const hanging_file&) = delete;

 private:
  std::string fifo_;
};

struct region_files_test : ::testing::Test {
  region_files_test() {
    config.state_file = dir.file("state");
    config.memory_file = dir.file("memory");
    files.emplace(config, time, logger::to_string(lines), registry, io.get_executor(),
                  [this](const region_publication& p, const result<void>& written) {
                    (written ? published : refused).push_back(p.state.epoch);
                    if (on_published) on_published();
                  });
    spawn(io.get_executor(), logger::to_string(lines), "files", files->run());
  }
  ~region_files_test() override {
    files->stop();
    io.restart();
    io.run_for(10s);
  }
  void write(region_epoch epoch) {
    machine_state memory;
    memory.epoch = epoch;
    memory.active = "us-east-1";
    region_publication publication;
    publication.state.epoch = epoch;
    publication.state.active = "us-east-1";
    publication.state.regions["us-east-1"] = {};
    files->write(memory, publication);
  }
  region_epoch remembered() {
    const auto text = read_small_file(config.memory_file, max_memory_bytes).value();
    return text ? parse_memory(*text).value().epoch : 0;
  }
  region_epoch in_state_file() {
    const auto state = read_region_state(config.state_file).value();
    return state ? state->epoch : 0;
  }
  bool wait_until(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (!condition() && std::chrono::steady_clock::now() < end)
      io.run_one_for(10ms);
    return condition();
  }
  bool settle() {
    bool done = false;
    const auto wait = [&]() -> task<void> {
      co_await files->settled();
      done = true;
    };
    spawn(io.get_executor(), logger::to_string(lines), "settle", wait());
    return wait_until([&] { return done; });
  }

  test::temp_dir dir;
  asio::io_context io{1};
  system_clock time;
  region_settings config;
  std::string lines;
  metrics registry;
  std::vector<region_epoch> published;
  std::vector<region_epoch> refused;
  std::function<void()> on_published;
  std::optional<region_files> files;
};

TEST_F(region_files_test, the_memory_is_on_the_disk_before_the_state_file_is_and_both_before_settled) {
  region_epoch known = 0;
  on_published = [&] { known = remembered(); };
  write(3);
  EXPECT_TRUE(published.empty()) << "nothing is written on the loop";
  EXPECT_TRUE(settle());
  EXPECT_EQ(published, std::vector<region_epoch>{3});
  EXPECT_EQ(known, 3U);
  EXPECT_EQ(in_state_file(), 3U);
}

TEST_F(region_files_test, what_waits_is_replaced_by_the_newest) {
  for (region_epoch epoch = 1; epoch <= 100; ++epoch)
    write(epoch);
  EXPECT_TRUE(settle());
  EXPECT_EQ(published, std::vector<region_epoch>{100});
  EXPECT_EQ(remembered(), 100U);
}

TEST_F(region_files_test, a_memory_that_hangs_delays_the_first_publication_for_its_time_and_no_other_one) {
  {
    const hanging_file disk(config.memory_file);
    const auto begun = std::chrono::steady_clock::now();
    write(1);
    EXPECT_TRUE(wait_until([&] { return in_state_file() == 1; }));
    EXPECT_GE(std::chrono::steady_clock::now() - begun, memory_file_time);
    EXPECT_TRUE(files->hangs());
    write(2);
    EXPECT_TRUE(wait_until([&] { return in_state_file() == 2; }));
    EXPECT_NE(lines.find("event=region.memory_not_saved"), std::string::npos) << lines;
    EXPECT_NE(lines.find("has not answered an earlier call yet"), std::string::npos) << lines;
    EXPECT_EQ(remembered(), 0U);
  }
  EXPECT_TRUE(wait_until([&] { return !files->hangs(); }));
  EXPECT_TRUE(wait_until([&] { return remembered() == 2; })) << "the newest is written when the disk is well again";
}

TEST_F(region_files_test, a_memory_that_is_refused_is_written_when_the_disk_takes_it_again) {
  std::filesystem::create_directory(config.memory_file);
  write(1);
  EXPECT_TRUE(settle());
  EXPECT_EQ(published, std::vector<region_epoch>{1});
  std::filesystem::remove(config.memory_file);
  EXPECT_TRUE(wait_until([&] { return remembered() == 1; }));
}

TEST_F(region_files_test, a_state_file_that_hangs_is_reported_and_a_later_try_is_published) {
  {
    const hanging_file disk(config.state_file);
    write(1);
    EXPECT_TRUE(wait_until([&] { return !refused.empty(); }));
    EXPECT_EQ(in_state_file(), 0U);
    EXPECT_EQ(remembered(), 1U);
  }
  EXPECT_TRUE(wait_until([&] { return !files->hangs(); }));
  write(2);
  EXPECT_TRUE(settle());
  EXPECT_EQ(published, std::vector<region_epoch>{2});
}

TEST_F(region_files_test, a_stop_writes_what_waits_and_ends_though_the_disks_hang) {
  const hanging_file memory(config.memory_file);
  const hanging_file state(config.state_file);
  write(1);
  files->stop();
  const auto begun = std::chrono::steady_clock::now();
  io.run_for(20s);
  EXPECT_TRUE(io.stopped());
  EXPECT_GE(std::chrono::steady_clock::now() - begun, memory_file_time + state_file_time);
  EXPECT_EQ(refused, std::vector<region_epoch>{1});
  EXPECT_TRUE(files->hangs()) << "the daemon knows that it has to leave by _Exit";
}

TEST_F(region_files_test, a_stop_keeps_what_was_given_just_before) {
  write(7);
  files->stop();
  io.run_for(20s);
  EXPECT_EQ(remembered(), 7U);
  EXPECT_EQ(in_state_file(), 7U);
}

}  // namespace
}  // namespace mooring::sidecar
