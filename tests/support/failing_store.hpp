// A decorator of a session_store that fails on demand, before or after the real call.
#pragma once

#include <functional>
#include <optional>

#include "mooring/net/deadline.hpp"
#include "sessiond/store/session_store.hpp"

namespace mooring::test {

class failing_store final : public sessiond::session_store {
 public:
  explicit failing_store(sessiond::session_store& real) : real_(real) {}

  std::optional<errc> before;               // every call fails with this and does nothing
  std::optional<errc> before_save;          // the same, for saves alone
  std::optional<errc> after_save;           // a save happens, and its answer is lost
  std::function<task<void>()> during_save;  // happens while a save is under way, before any of the above
  std::function<task<result<void>>(std::string, call_budget)> instead_of_renew;
  int calls = 0;
  int writes = 0;
  int leases = 0;    // acquire() calls
  int releases = 0;  // release() calls
  milliseconds release_takes{0};

  std::int64_t now() const override { return real_.now(); }

  task<result<std::optional<sessiond::stored_session>>> load(std::string key, call_budget budget) override {
    ++calls;
    if (before) co_return failure(*before);
    co_return co_await real_.load(std::move(key), budget);
  }
  task<result<bool>> exists(std::string key, call_budget budget) override {
    ++calls;
    if (before) co_return failure(*before);
    co_return co_await real_.exists(std::move(key), budget);
  }
  task<result<void>> save(std::string key, sessiond::session_write write, call_budget budget) override {
    ++calls;
    ++writes;
    if (during_save) co_await during_save();
    if (before) co_return failure(*before);
    if (before_save) co_return failure(*before_save);
    auto saved = co_await real_.save(std::move(key), std::move(write), budget);
    if (after_save) co_return failure(*after_save);
    co_return saved;
  }
  task<result<void>> touch(std::string key, sessiond::session_touch touch, call_budget budget) override {
    ++calls;
    ++writes;
    if (before) co_return failure(*before);
    co_return co_await real_.touch(std::move(key), touch, budget);
  }
  task<result<sessiond::leased_session>> acquire(std::string key, call_budget budget) override {
    ++calls;
    ++leases;
    if (before) co_return failure(*before);
    co_return co_await real_.acquire(std::move(key), budget);
  }
  task<result<void>> renew(std::string key, call_budget budget) override {
    ++calls;
    if (before) co_return failure(*before);
    if (instead_of_renew) co_return co_await instead_of_renew(std::move(key), budget);
    co_return co_await real_.renew(std::move(key), budget);
  }
  task<result<void>> release(std::string key, call_budget budget) override {
    ++calls;
    ++releases;
    if (release_takes.count() > 0) co_await sleep_for(release_takes);
    if (before) co_return failure(*before);
    co_return co_await real_.release(std::move(key), budget);
  }
  task<result<bool>> remove(std::string key, sessiond::session_version known, call_budget budget) override {
    ++calls;
    ++writes;
    if (before) co_return failure(*before);
    co_return co_await real_.remove(std::move(key), known, budget);
  }

 private:
  static error failure(errc code) { return error(code, "the test says so"); }
  sessiond::session_store& real_;
};

}  // namespace mooring::test
