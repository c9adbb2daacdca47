#include "sessiond/store/dynamo_store.hpp"

#include "mooring/base/digest.hpp"
#include "mooring/net/deadline.hpp"
#include "sessiond/store/foreign_locks.hpp"
#include "sessiond/store/seen_items.hpp"

namespace mooring::sessiond {
namespace {

// How often a write follows a session that others keep changing under it.
constexpr int max_write_tries = 3;

// Between two looks at another program's lock: 50 to 150 ms, so that nodes do not look in step.
std::chrono::milliseconds pause_between_looks() {
  return std::chrono::milliseconds(50 + static_cast<unsigned char>(random_bytes(1)[0]) * 100 / 255);
}

const std::string& stale_text() {
  static const std::string text = "stale: another request changed or removed the session; what is stored is unchanged";
  return text;
}

class dynamo_store final : public session_store {
 public:
  dynamo_store(dynamo_client& client, const clock& time, std::string table, std::unique_ptr<item_schema> schema,
               std::chrono::milliseconds foreign_lock_timeout)
      : client_(client),
        time_(time),
        table_(std::move(table)),
        schema_(std::move(schema)),
        foreign_locks_(foreign_lock_timeout) {}

  std::int64_t now() const override { return unix_seconds(time_.wall() + client_.clock_correction()); }

  task<result<std::optional<stored_session>>> load(std::string key, call_budget budget) override {
    auto found = co_await read_item(key, budget);
    if (!found) co_return found.error();
    // now() after the answer: it may have corrected the clock.
    co_return schema_->session_in(*found, now());
  }

  task<result<std::optional<stored_session>>> load_to_write(std::string key, lock_patience patience,
                                                            call_budget budget) override {
    const auto time_of_a_look = budget.deadline - time_.steady();
    for (;;) {
      budget.deadline = time_.steady() + time_of_a_look;
      auto found = co_await load(key, budget);
      if (!found || !foreign_locks_.held(key, time_.steady())) co_return found;
      if (patience.gone()) co_return error(errc::cancelled, "the client hung up while it waited");
      if (time_.steady() >= patience.until)
        co_return error(errc::busy, "busy: a handler of the AWS SDK has held this session for too long");
      const bool slept = co_await sleep_for(pause_between_looks());
      if (!slept) co_return error(errc::cancelled, "cancelled while waiting for a lock");
    }
  }

  task<result<bool>> exists(std::string key, call_budget budget) override {
    get_request request;
    request.table = table_;
    request.key = schema_->key_item(key);
    request.projection = "#e";
    request.names.emplace("#e", schema_->names().ttl_attribute);
    auto found = co_await client_.get(std::move(request), budget);
    if (!found) co_return found.error();
    co_return found->has_value() && expires_in(**found) > now();
  }

  task<result<void>> save(std::string key, session_write write, call_budget budget) override {
    result<void> saved;
    for (int tries = 0; tries < max_write_tries; ++tries) {
      auto basis = co_await basis_of(key, write.expected, budget);
      if (!basis) co_return basis.error();
      if (basis->current) {
        auto request = schema_->save(key, write, *basis, now());
        if (!request) co_return request.error();
        auto outcome = co_await send(std::move(*request), key, *basis, budget);
        if (!outcome) co_return outcome.error();
        if (outcome->condition_held) co_return saved;
        basis->seen = std::move(outcome->stored);
      }
      // The first try of this very write may have succeeded without its answer reaching us.
      auto stored = co_await what_stood_in_the_way(key, std::move(basis->seen), budget);
      if (!stored) co_return stored.error();
      if (*stored && (*stored)->data == write.data) co_return saved;
      const session_version there = *stored ? (*stored)->version : no_version;
      if (there != write.expected) co_return error(errc::stale, stale_text());
      auto free = co_await wait_for_others(key, budget);
      if (!free) co_return free.error();
    }
    co_return error(errc::busy, "busy: other requests keep changing this session; what is stored is unchanged");
  }

  task<result<void>> touch(std::string key, session_version version, std::int64_t expires,
                           call_budget budget) override {
    result<void> touched;
    auto basis = co_await basis_of(key, version, budget);
    if (!basis) co_return basis.error();
    if (basis->current) {
      auto request = schema_->touch(key, version, expires, *basis);
      auto outcome = co_await send(std::move(request), key, *basis, budget);
      if (!outcome) co_return outcome.error();
      if (outcome->condition_held) co_return touched;
      basis->seen = std::move(outcome->stored);
    }
    auto stored = co_await what_stood_in_the_way(key, std::move(basis->seen), budget);
    if (!stored) co_return stored.error();
    if (*stored) co_return touched;
    co_return error(errc::stale, stale_text());
  }

  task<result<bool>> remove(std::string key, session_version known, call_budget budget) override {
    for (int tries = 0; tries < max_write_tries; ++tries) {
      if (known == no_version) {
        auto found = co_await load(key, budget);
        if (!found) co_return found.error();
        if (!*found) co_return false;
        known = (*found)->version;
      }
      auto basis = co_await basis_of(key, known, budget);
      if (!basis) co_return basis.error();
      if (basis->current) {
        auto request = schema_->remove(key, known, *basis);
        auto outcome = co_await send(std::move(request), key, *basis, budget);
        if (!outcome) co_return outcome.error();
        if (outcome->condition_held) co_return expires_in(outcome->stored) > now();
      }
      known = no_version;
    }
    co_return error(errc::busy, "busy: other requests keep changing this session");
  }

 private:
  struct known_basis : write_basis {
    bool current = true;  // false: `seen` is another version than the one that was asked for
  };

  std::int64_t expires_in(const item& stored) const {
    return number_in(stored, schema_->names().ttl_attribute).value_or(0);
  }

  task<result<item>> read_item(std::string key, call_budget budget) {
    get_request request;
    request.table = table_;
    request.key = schema_->key_item(key);
    auto found = co_await client_.get(std::move(request), budget);
    if (!found) co_return found.error();
    item out = found->value_or(item());
    foreign_locks_.saw(key, schema_->lock_mark(out), time_.steady());
    if (schema_->versions_can_lie()) seen_.remember(key, out);
    co_return out;
  }

  task<result<known_basis>> basis_of(std::string key, session_version expected, call_budget budget) {
    known_basis out;
    out.lock_is_abandoned = foreign_locks_.abandoned(key, time_.steady());
    if (!schema_->versions_can_lie() || expected == no_version) co_return out;
    const item* remembered = seen_.find(key);
    if (remembered != nullptr && schema_->version_in(*remembered) == expected) {
      out.seen = *remembered;
      co_return out;
    }
    auto read = co_await read_item(key, budget);
    if (!read) co_return read.error();
    out.seen = std::move(*read);
    out.current = schema_->version_in(out.seen) == expected;
    out.lock_is_abandoned = foreign_locks_.abandoned(key, time_.steady());
    co_return out;
  }

  task<result<write_outcome>> send(write_request request, std::string key, const write_basis& basis,
                                   call_budget budget) {
    request.table = table_;
    auto outcome = co_await client_.write(std::move(request), budget);
    seen_.forget(key);
    const bool lock_removed = basis.lock_is_abandoned && outcome && outcome->condition_held;
    if (lock_removed) foreign_locks_.saw(key, std::nullopt, time_.steady());
    co_return outcome;
  }

  // Services that do not tell what failed a condition (ReturnValuesOnConditionCheckFailure is of 2023) are asked.
  task<result<std::optional<stored_session>>> what_stood_in_the_way(std::string key, item stored, call_budget budget) {
    if (stored.empty()) co_return co_await load(std::move(key), budget);
    foreign_locks_.saw(key, schema_->lock_mark(stored), time_.steady());
    co_return schema_->session_in(stored, now());
  }

  // The version was right, so that what failed the condition was a lock, or has passed.
  task<result<void>> wait_for_others(std::string key, call_budget budget) {
    lock_patience patience;
    patience.until = budget.deadline;
    patience.gone = [] { return false; };
    auto free = co_await load_to_write(std::move(key), std::move(patience), budget);
    if (!free) co_return free.error();
    result<void> done;
    co_return done;
  }

  dynamo_client& client_;
  const clock& time_;
  std::string table_;
  std::unique_ptr<item_schema> schema_;
  foreign_locks foreign_locks_;
  seen_items seen_;
};

}  // namespace

std::unique_ptr<session_store> make_dynamo_store(dynamo_client& client, const clock& time, std::string table,
                                                 std::unique_ptr<item_schema> schema,
                                                 std::chrono::milliseconds foreign_lock_timeout) {
  return std::make_unique<dynamo_store>(client, time, std::move(table), std::move(schema), foreign_lock_timeout);
}

}  // namespace mooring::sessiond
