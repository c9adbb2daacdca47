// A table of sessions in memory with the leases and conditions of the DynamoDB store, as several nodes see it; it
// fails, hangs and loses answers on demand, and remembers in which order versions were stored.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sessiond/store/session_store.hpp"
#include "sessiond/store/size_limits.hpp"

namespace mooring::test {

struct memory_item {
  std::string data;
  sessiond::session_version version = sessiond::no_version;
  std::int64_t expires = 0;
  std::string owner;
  std::int64_t leased_until_ms = 0;
};

struct memory_table {
  std::map<std::string, memory_item> items;
  std::vector<std::pair<std::string, sessiond::session_version>> stored;  // every save that took effect
};

class memory_store final : public sessiond::session_store {
 public:
  memory_store(memory_table& table, const clock& time, std::string node, milliseconds lease = seconds(15))
      : table_(table), time_(time), node_(std::move(node)), lease_(lease) {}

  // What happens to calls: nothing is done; or it is done and the answer is lost; or it waits until `hangs` is false.
  std::optional<errc> fails;
  std::optional<errc> loses_answers;
  bool hangs = false;
  std::optional<errc> refuses_saves;  // of `refused_key`
  std::string refused_key;
  bool packs_nothing = false;          // so what is over the limit as it is, is refused
  std::function<void()> step = [] {};  // before and after the effect of each call
  int calls = 0, loads = 0, saves = 0, touches = 0, acquires = 0, releases = 0, removes = 0;
  int saves_under_way = 0, most_saves_under_way = 0;

  std::int64_t now() const override { return unix_seconds(time_.wall()); }

  task<result<std::optional<sessiond::stored_session>>> load(std::string key, call_budget budget) override {
    ++loads;
    const auto look = [this, key] { return result<std::optional<sessiond::stored_session>>(live(key)); };
    co_return co_await done<std::optional<sessiond::stored_session>>(look, budget);
  }

  task<result<bool>> exists(std::string key, call_budget budget) override {
    const auto look = [this, key] { return result<bool>(live(key).has_value()); };
    co_return co_await done<bool>(look, budget);
  }

  task<result<void>> save(std::string key, sessiond::session_write write, call_budget budget) override {
    ++saves;
    most_saves_under_way = std::max(most_saves_under_way, ++saves_under_way);
    const auto put = [this, key, write] { return save_now(key, write); };
    auto saved = co_await done<void>(put, budget);
    --saves_under_way;
    co_return saved;
  }

  task<result<sessiond::leased_session>> acquire(std::string key, call_budget budget) override {
    ++acquires;
    const auto take = [this, key] { return acquire_now(key); };
    co_return co_await done<sessiond::leased_session>(take, budget);
  }

  task<result<void>> renew(std::string key, call_budget budget) override {
    const auto prolong = [this, key]() -> result<void> {
      const auto found = table_.items.find(key);
      if (found == table_.items.end() || found->second.owner != node_) return stale();
      found->second.leased_until_ms = now_ms() + lease_.count();
      return {};
    };
    co_return co_await done<void>(prolong, budget);
  }

  task<result<void>> release(std::string key, call_budget budget) override {
    ++releases;
    const auto give_back = [this, key]() -> result<void> {
      const auto found = table_.items.find(key);
      if (found != table_.items.end() && found->second.owner == node_) found->second.owner.clear();
      return {};
    };
    co_return co_await done<void>(give_back, budget);
  }

  task<result<void>> touch(std::string key, sessiond::session_touch touch, call_budget budget) override {
    ++touches;
    const auto move = [this, key, touch]() -> result<void> {
      const auto found = table_.items.find(key);
      const bool mine = found != table_.items.end() && found->second.version == touch.version && free(found->second);
      if (!mine && !live(key)) return stale();
      if (!mine) return {};
      found->second.expires = touch.expires;
      lease_to(found->second, touch.lease);
      return {};
    };
    co_return co_await done<void>(move, budget);
  }

  task<result<bool>> remove(std::string key, sessiond::session_version, call_budget budget) override {
    ++removes;
    const auto erase = [this, key]() -> result<bool> {
      const bool lived = live(key).has_value();
      table_.items.erase(key);
      return lived;
    };
    co_return co_await done<bool>(erase, budget);
  }

  bool holds(const std::string& key) const {
    const auto found = table_.items.find(key);
    return found != table_.items.end() && found->second.owner == node_ && found->second.leased_until_ms > now_ms();
  }

 private:
  static error stale() { return error(errc::stale, "stale: says the test's table"); }
  std::int64_t now_ms() const {
    return std::chrono::duration_cast<milliseconds>(time_.wall().time_since_epoch()).count();
  }
  bool free(const memory_item& item) const {
    return item.owner.empty() || item.owner == node_ || item.leased_until_ms <= now_ms();
  }
  void lease_to(memory_item& item, sessiond::lease_after lease) const {
    if (lease == sessiond::lease_after::release) item.owner.clear();
    if (lease != sessiond::lease_after::keep) return;
    item.owner = node_;
    item.leased_until_ms = now_ms() + lease_.count();
  }

  std::optional<sessiond::stored_session> live(const std::string& key) const {
    std::optional<sessiond::stored_session> out;
    const auto found = table_.items.find(key);
    if (found == table_.items.end() || found->second.expires <= now()) return out;
    out.emplace();
    out->data = found->second.data;
    out->version = found->second.version;
    out->expires = found->second.expires;
    out->leased_elsewhere = !free(found->second);
    return out;
  }

  result<void> save_now(const std::string& key, const sessiond::session_write& write) {
    if (auto fits = sessiond::check_size(write.data); !fits && packs_nothing) return fits;
    if (refuses_saves && key == refused_key) return error(*refuses_saves, "the table refuses this one");
    const auto found = table_.items.find(key);
    const bool there = found != table_.items.end();
    if (there && found->second.version == write.version && found->second.data == write.data) return {};
    const bool taken = there && found->second.expires > now();
    const bool leased = write.lease != sessiond::lease_after::not_used && taken && !free(found->second);
    bool wanted = !leased && (there ? found->second.version : sessiond::no_version) == write.expected;
    if (write.expected == sessiond::no_version) wanted = !leased && !taken;
    const bool overtakes = there && !taken && found->second.version < write.version;
    if (write.replaces_older) wanted = !there || overtakes || found->second.version <= write.expected;
    if (!wanted) return stale();
    memory_item& item = table_.items[key];
    item.data = write.data;
    item.version = write.version;
    item.expires = write.expires;
    lease_to(item, write.lease);
    table_.stored.emplace_back(key, write.version);
    return {};
  }

  result<sessiond::leased_session> acquire_now(const std::string& key) {
    sessiond::leased_session out;
    auto session = live(key);
    if (!session) return out;
    out.answer = session->leased_elsewhere ? sessiond::lease_answer::held_elsewhere : sessiond::lease_answer::taken;
    out.session = std::move(*session);
    if (out.answer == sessiond::lease_answer::taken) lease_to(table_.items.at(key), sessiond::lease_after::keep);
    return out;
  }

  template <class T, class F>
  task<result<T>> done(F effect, call_budget budget) {
    ++calls;
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer pause(executor);
    do {
      pause.expires_after(milliseconds(1));
      co_await pause.async_wait(nothrow);
    } while (hangs && time_.steady() < budget.deadline);
    if (hangs) co_return error(errc::timed_out, "the test's table hangs");
    step();
    if (fails) co_return error(*fails, "the test says so");
    result<T> outcome = effect();
    step();
    if (fails) co_return error(*fails, "the test says so");
    if (loses_answers) co_return error(*loses_answers, "the test lost the answer");
    co_return outcome;
  }

  memory_table& table_;
  const clock& time_;
  std::string node_;
  milliseconds lease_;
};

// A table of its own, for tests that want stores by the names of nodes, as dynamo_table gives them.
class memory_region {
 public:
  explicit memory_region(const clock& time) : time_(time) {}
  std::unique_ptr<sessiond::session_store> store(const std::string& node) {
    return std::make_unique<memory_store>(rows_, time_, node, seconds(10));
  }

 private:
  const clock& time_;
  memory_table rows_;
};

}  // namespace mooring::test
