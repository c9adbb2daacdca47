#include "sessiond/store/sqlite_store.hpp"

#include <atomic>

#include "mooring/net/blocking.hpp"
#include "mooring/net/deadline.hpp"
#include "sessiond/store/size_limits.hpp"
#include "sessiond/store/sqlite_file.hpp"

namespace mooring::sessiond {
namespace {

constexpr const char* too_late = "embedded store: the disk did not answer in time";

class sqlite_store final : public session_store {
 public:
  sqlite_store(std::unique_ptr<sqlite_file> file, const clock& time)
      : file_(std::move(file)), time_(time), thread_(1) {}
  ~sqlite_store() override { thread_.join(); }

  std::int64_t now() const override { return unix_seconds(time_.wall()); }

  task<result<std::optional<stored_session>>> load(std::string key, call_budget budget) override {
    const auto read = [this, key, at = now()] { return file_->load(key, at); };
    co_return co_await on_thread(read, budget.deadline);
  }

  task<result<bool>> exists(std::string key, call_budget budget) override {
    auto found = co_await load(std::move(key), budget);
    if (!found) co_return found.error();
    co_return found->has_value();
  }

  task<result<void>> save(std::string key, session_write write, call_budget budget) override {
    auto fits = check_size(write.data);
    if (!fits) co_return fits.error();
    const auto store = [this, key, write, at = now()] { return file_->save(key, write, at); };
    co_return co_await on_thread(store, budget.deadline);
  }

  // One file is one node, so nobody else can hold a session.
  task<result<leased_session>> acquire(std::string key, call_budget budget) override {
    auto found = co_await load(std::move(key), budget);
    if (!found) co_return found.error();
    leased_session out;
    if (!*found) co_return out;
    out.answer = lease_answer::taken;
    out.session = std::move(**found);
    co_return out;
  }

  task<result<void>> renew(std::string, call_budget) override {
    result<void> nothing_to_do;
    co_return nothing_to_do;
  }

  task<result<void>> release(std::string, call_budget) override {
    result<void> nothing_to_do;
    co_return nothing_to_do;
  }

  task<result<void>> touch(std::string key, session_touch touch, call_budget budget) override {
    const auto move = [this, key, touch, at = now()] { return file_->touch(key, touch.version, touch.expires, at); };
    co_return co_await on_thread(move, budget.deadline);
  }

  task<result<bool>> remove(std::string key, session_version, call_budget budget) override {
    const auto erase = [this, key, at = now()] { return file_->remove(key, at); };
    co_return co_await on_thread(erase, budget.deadline);
  }

 private:
  // The caller may leave at its deadline; its call counts until the thread is rid of it.
  template <class F, class Result = std::invoke_result_t<F>>
  task<Result> on_thread(F call, steady_time deadline) {
    if (queued_ >= max_queued_calls)
      co_return error(errc::busy, "busy: " + std::to_string(max_queued_calls) + " calls wait for the disk");
    ++queued_;
    const auto in_time = [this, call, deadline]() -> Result {
      const bool late = std::chrono::steady_clock::now() > deadline;
      Result outcome = late ? Result(error(errc::timed_out, too_late)) : call();
      --queued_;
      return outcome;
    };
    auto hop = run_blocking(thread_, in_time);
    co_return co_await with_deadline(std::move(hop), deadline, too_late);
  }

  std::unique_ptr<sqlite_file> file_;
  const clock& time_;
  std::atomic<int> queued_{0};
  asio::thread_pool thread_;
};

}  // namespace

result<std::unique_ptr<session_store>> open_sqlite_store(const std::string& file, const clock& time) {
  auto opened = sqlite_file::open(file);
  if (!opened) return opened.error();
  return std::unique_ptr<session_store>(std::make_unique<sqlite_store>(std::move(*opened), time));
}

}  // namespace mooring::sessiond
