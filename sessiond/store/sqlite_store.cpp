#include "sessiond/store/sqlite_store.hpp"

#include "mooring/net/blocking.hpp"
#include "mooring/net/deadline.hpp"
#include "sessiond/store/item_codec.hpp"
#include "sessiond/store/sqlite_file.hpp"

namespace mooring::sessiond {
namespace {

class sqlite_store final : public session_store {
 public:
  explicit sqlite_store(std::unique_ptr<sqlite_file> file) : file_(std::move(file)), thread_(1) {}
  ~sqlite_store() override { thread_.join(); }

  task<result<std::optional<stored_session>>> load(std::string key, call_time when) override {
    const auto read = [this, key, when] { return file_->load(key, when.now); };
    co_return co_await on_thread(read, when.deadline);
  }

  task<result<bool>> exists(std::string key, call_time when) override {
    auto found = co_await load(std::move(key), when);
    if (!found) co_return found.error();
    co_return found->has_value();
  }

  task<result<void>> save(std::string key, session_write write, call_time when) override {
    auto fits = check_size(write.data);
    if (!fits) co_return fits.error();
    const auto store = [this, key, write, when] { return file_->save(key, write, when.now); };
    co_return co_await on_thread(store, when.deadline);
  }

  task<result<void>> touch(std::string key, std::int64_t expires, call_time when) override {
    const auto move_expiry = [this, key, expires, when] { return file_->touch(key, expires, when.now); };
    co_return co_await on_thread(move_expiry, when.deadline);
  }

  task<result<bool>> remove(std::string key, call_time when) override {
    const auto erase = [this, key, when] { return file_->remove(key, when.now); };
    co_return co_await on_thread(erase, when.deadline);
  }

 private:
  template <class F, class Result = std::invoke_result_t<F>>
  task<Result> on_thread(F call, steady_time deadline) {
    if (waiting_ >= max_queued_calls)
      co_return error(errc::busy, "embedded store: " + std::to_string(waiting_) + " calls wait for the disk");
    ++waiting_;
    auto hop = run_blocking(thread_, std::move(call));
    auto outcome = co_await with_deadline(std::move(hop), deadline, "embedded store: the disk did not answer in time");
    --waiting_;
    co_return outcome;
  }

  std::unique_ptr<sqlite_file> file_;
  asio::thread_pool thread_;
  int waiting_ = 0;
};

}  // namespace

result<std::unique_ptr<session_store>> open_sqlite_store(const std::string& file) {
  auto opened = sqlite_file::open(file);
  if (!opened) return opened.error();
  return std::unique_ptr<session_store>(std::make_unique<sqlite_store>(std::move(*opened)));
}

}  // namespace mooring::sessiond
