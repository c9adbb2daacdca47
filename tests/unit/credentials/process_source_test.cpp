#include "src/credentials/process_source.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <csignal>
#include <fstream>
#include <thread>

#include "tests/support/aws_answers.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/temp_dir.hpp"

namespace mooring {
namespace {

using namespace std::chrono_literals;

result<temporary_credentials> run(const std::string& command, milliseconds time = 20s) {
  return test::run_task(credentials_from_process(command, std::chrono::steady_clock::now() + time));
}

std::string shell(const std::string& script) {
  return "/bin/sh -c '" + script + "'";
}

TEST(credential_process, gives_what_the_program_prints) {
  test::temp_dir dir;
  std::ofstream(dir.file("answer")) << test::process_json("AKID", "2027-01-15T08:00:00Z");
  const auto found = run("cat \"" + dir.file("answer") + "\"");
  ASSERT_TRUE(found) << found.error().text();
  EXPECT_EQ(found->keys.access_key_id, "AKID");
  EXPECT_EQ(found->source, "credential_process");
}

TEST(credential_process, no_shell_reads_the_line) {
  test::temp_dir dir;
  const auto found = run("echo x > " + dir.file("made"));
  EXPECT_EQ(found.error().code(), errc::bad_data);
  EXPECT_FALSE(std::filesystem::exists(dir.file("made")));
}

TEST(credential_process, the_reason_of_a_failure_is_the_end_of_its_standard_error) {
  const auto failed = run(shell("echo HIDDEN; echo first >&2; echo no certificate >&2; exit 3"));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code(), errc::io);
  EXPECT_EQ(failed.error().detail(), "credential_process /bin/sh: ended with code 3: first no certificate");
  const auto silent = run(shell("kill -9 $$"));
  EXPECT_EQ(silent.error().detail(), "credential_process /bin/sh: ended with code 137 and gave no reason");
  const auto wrong = run(shell("echo HIDDEN"));
  EXPECT_EQ(wrong.error().code(), errc::bad_data);
  EXPECT_EQ(wrong.error().detail().find("HIDDEN"), std::string::npos);
}

TEST(credential_process, a_program_that_is_not_there_is_named) {
  const auto missing = run("/nowhere/aws_signing_helper credential-process");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), errc::misconfigured);
  EXPECT_NE(missing.error().detail().find("/nowhere/aws_signing_helper"), std::string::npos);
}

TEST(credential_process, a_program_that_hangs_is_killed_with_all_that_it_started) {
  test::temp_dir dir;
  const auto late = run(shell("sleep 600 & echo $! > " + dir.file("pid") + "; wait"), 300ms);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code(), errc::timed_out);
  pid_t grandchild = 0;
  std::ifstream(dir.file("pid")) >> grandchild;
  ASSERT_GT(grandchild, 0);
  // Whoever adopts it may take a moment to reap it; a zombie has no command line.
  std::string words = "?";
  for (int look = 0; look < 200 && !words.empty(); ++look) {
    std::ifstream line("/proc/" + std::to_string(grandchild) + "/cmdline");
    words.assign(std::istreambuf_iterator<char>(line), {});
    std::this_thread::sleep_for(10ms);
  }
  EXPECT_EQ(words, "");
}

TEST(credential_process, what_holds_its_pipes_after_its_end_is_not_waited_for) {
  const auto begun = std::chrono::steady_clock::now();
  const auto found = run(shell("sleep 600 & exit 0"));
  EXPECT_FALSE(found);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 10s);
}

TEST(credential_process, output_is_limited_to_64_kib) {
  const std::string blanks = "head -c 65536 /dev/zero | tr \"\\0\" \" \"";
  const auto fits = run(shell(blanks));
  EXPECT_EQ(fits.error().code(), errc::bad_data) << fits.error().text();
  const auto too_much = run(shell(blanks + "; echo"));
  EXPECT_EQ(too_much.error().code(), errc::too_large);
  const auto endless = run("/bin/cat /dev/zero");
  EXPECT_EQ(endless.error().code(), errc::too_large);
  const auto noisy = run(shell("head -c 1000000 /dev/zero | tr \"\\0\" e >&2; exit 1"));
  EXPECT_EQ(noisy.error().code(), errc::io);
  EXPECT_LT(noisy.error().detail().size(), 500u);
}

TEST(credential_process, leaves_no_zombie_and_no_descriptor) {
  const auto descriptors = [] {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd"))
      ++count;
    return count;
  };
  const auto before = descriptors();
  for (int i = 0; i < 5; ++i)
    run("/bin/true");
  EXPECT_EQ(descriptors(), before);
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
}

}  // namespace
}  // namespace mooring
