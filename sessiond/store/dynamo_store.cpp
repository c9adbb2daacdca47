#include "sessiond/store/dynamo_store.hpp"

#include "mooring/base/digest.hpp"
#include "mooring/net/deadline.hpp"
#include "sessiond/store/foreign_locks.hpp"
#include "sessiond/store/item_table.hpp"
#include "sessiond/store/seen_items.hpp"

namespace mooring::sessiond {
namespace {

// How often a write follows a session that others keep changing under it.
constexpr int max_write_tries = 3;

// Between two looks at another program's lock: 50 to 150 ms, so that nodes do not look in step.
milliseconds pause_between_looks() {
  constexpr std::uint32_t spread = 100;
  return milliseconds(50 + random_number() % spread);
}

const std::string& stale_text() {
  static const std::string text = "stale: another request changed or removed the session; what is stored is unchanged";
  return text;
}

constexpr const char* busy_text = "busy: other requests keep changing this session; what is stored is unchanged";

using found_session = std::optional<stored_session>;

class dynamo_store final : public session_store {
 public:
  dynamo_store(dynamo_client& client, const clock& time, std::unique_ptr<item_schema> schema, dynamo_store_terms terms)
      : client_(client),
        time_(time),
        schema_(std::move(schema)),
        table_(client, *schema_, terms.table, terms.service_says_what_failed),
        terms_(std::move(terms)),
        foreign_locks_(terms_.foreign_lock_timeout) {}

  std::int64_t now() const override { return unix_seconds(time_.wall() + client_.clock_correction()); }

  task<result<found_session>> load(std::string key, call_budget budget) override {
    auto found = co_await read_item(key, budget);
    if (!found) co_return found.error();
    // The clock after the answer, which may have corrected it.
    co_return session_in(key, *found);
  }

  task<result<bool>> exists(std::string key, call_budget budget) override {
    get_request request = table_.get(key);
    request.projection = "#e";
    request.names.emplace("#e", schema_->names().ttl_attribute);
    auto found = co_await client_.get(std::move(request), budget);
    if (!found) co_return found.error();
    co_return found->has_value() && schema_->expires_in(**found) > now();
  }

  task<result<void>> save(std::string key, session_write write, call_budget budget) override {
    result<void> saved;
    for (int tries = 0; tries < max_write_tries; ++tries) {
      const session_version named = write.replaces_older ? no_version : write.expected;
      auto basis = co_await basis_of(key, named, budget);
      if (!basis) co_return basis.error();
      if (basis->current) {
        auto update = schema_->save(key, write, *basis, now());
        if (!update) co_return update.error();
        // What is not there has no lease, however long its item stays.
        const bool must_be_free = !write.replaces_older && write.expected != no_version;
        add_lease(*update, write.lease, must_be_free);
        auto outcome = co_await change(key, *update, true, budget);
        if (!outcome) co_return outcome.error();
        if (outcome->condition_held) co_return saved;
        basis->seen = std::move(outcome->stored);
      }
      auto stood = co_await what_stood_in_the_way(key, std::move(basis->seen), budget);
      if (!stood) co_return stood.error();
      const auto stored = session_in(key, *stood);
      if (!stored) co_return stored.error();
      // The first try of this very write may have succeeded without its answer reaching us.
      if (*stored && (*stored)->version == write.version && (*stored)->data == write.data) co_return saved;
      const session_version there = *stored ? (*stored)->version : no_version;
      const bool foreign = foreign_locks_.held(key, time_.steady());
      const bool leased = *stored && (*stored)->leased_elsewhere && !foreign;
      const bool changed = write.replaces_older ? is_overtaken(write, *stood) : there != write.expected;
      if (changed || leased) co_return error(errc::stale, stale_text());
      // The version is right, so what stood in the way was a lock, or has passed.
      auto free = co_await wait_for_foreign_lock(key, budget);
      if (!free) co_return free.error();
    }
    co_return error(errc::busy, busy_text);
  }

  task<result<leased_session>> acquire(std::string key, call_budget budget) override {
    leased_session out;
    for (int tries = 0; tries < max_write_tries; ++tries) {
      write_basis basis;
      basis.lock_is_abandoned = foreign_locks_.abandoned(key, time_.steady());
      item_update update = schema_->hold(key, basis, now());
      add_lease(update, lease_after::keep);
      auto request = update.request();
      request.return_new = true;
      auto outcome = co_await table_.write(std::move(request), budget);
      if (!outcome) co_return outcome.error();
      const bool taken = outcome->condition_held;
      if (taken) note_seen(key, outcome->stored);
      result<found_session> stored = session_in(key, outcome->stored);
      if (!taken) {
        auto stood = co_await what_stood_in_the_way(key, std::move(outcome->stored), budget);
        if (!stood) co_return stood.error();
        stored = session_in(key, *stood);
      }
      if (!stored) co_return stored.error();
      if (*stored) out.session = std::move(**stored);
      const bool locked = foreign_locks_.held(key, time_.steady());
      if (*stored || locked) out.answer = taken ? lease_answer::taken : lease_answer::held_elsewhere;
      // Otherwise what stood in the way has passed.
      if (out.answer != lease_answer::held_elsewhere || out.session.leased_elsewhere || locked) co_return out;
    }
    co_return out;
  }

  task<result<void>> renew(std::string key, call_budget budget) override {
    item_update update(schema_->key_item(key));
    terms_.lease.take(update, now_ms());
    terms_.lease.require_own(update);
    auto outcome = co_await table_.write(update.request(), budget);
    if (!outcome) co_return outcome.error();
    if (!outcome->condition_held) co_return error(errc::stale, stale_text());
    result<void> renewed;
    co_return renewed;
  }

  task<result<void>> release(std::string key, call_budget budget) override {
    item_update update(schema_->key_item(key));
    terms_.lease.give_back(update);
    terms_.lease.require_own(update);
    auto outcome = co_await table_.write(update.request(), budget);
    if (!outcome) co_return outcome.error();
    result<void> released;
    co_return released;
  }

  task<result<void>> touch(std::string key, session_touch touch, call_budget budget) override {
    result<void> touched;
    auto basis = co_await basis_of(key, touch.version, budget);
    if (!basis) co_return basis.error();
    if (basis->current) {
      item_update update = schema_->touch(key, touch.version, touch.expires, *basis);
      add_lease(update, touch.lease);
      auto outcome = co_await change(key, update, basis->lock_is_abandoned, budget);
      if (!outcome) co_return outcome.error();
      if (outcome->condition_held) co_return touched;
      basis->seen = std::move(outcome->stored);
    }
    auto stood = co_await what_stood_in_the_way(key, std::move(basis->seen), budget);
    if (!stood) co_return stood.error();
    const auto stored = session_in(key, *stood);
    if (!stored) co_return stored.error();
    const bool is_read = touch.version != no_version && schema_->version_in(*stood) == touch.version;
    const bool lease_lost = is_read && touch.lease != lease_after::not_used;
    if (!*stored && !lease_lost) co_return error(errc::stale, stale_text());
    if (!lease_lost) co_return touched;
    // Nobody has stored since, so nobody has moved the expiry; and a longer life takes nothing from who has the lease.
    touch.lease = lease_after::not_used;
    co_return co_await this->touch(std::move(key), touch, budget);
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
        const item_update update = schema_->remove(key, known, *basis);
        auto outcome = co_await change(key, update, true, budget);
        if (!outcome) co_return outcome.error();
        if (outcome->condition_held) co_return schema_->expires_in(outcome->stored) > now();
      }
      known = no_version;
    }
    co_return error(errc::busy, busy_text);
  }

 private:
  struct known_basis : write_basis {
    bool current = true;  // false: `seen` is another version than the one that was asked for
  };

  bool is_overtaken(const session_write& write, const item& stored) const {
    const session_version there = schema_->written_version_in(stored);
    return there > write.expected && (there >= write.version || schema_->expires_in(stored) > now());
  }

  std::int64_t now_ms() const {
    const auto service_time = time_.wall() + client_.clock_correction();
    return std::chrono::duration_cast<milliseconds>(service_time.time_since_epoch()).count();
  }

  result<found_session> session_in(const std::string& key, const item& stored) const {
    auto session = schema_->session_in(stored, now());
    if (session && *session)
      (*session)->leased_elsewhere =
          terms_.lease.held_elsewhere(stored, now_ms()) || foreign_locks_.held(key, time_.steady());
    return session;
  }

  void add_lease(item_update& to, lease_after lease, bool must_be_free = true) const {
    if (lease == lease_after::not_used) return;
    if (must_be_free) terms_.lease.require_free(to, now_ms());
    if (lease == lease_after::keep)
      terms_.lease.take(to, now_ms());
    else
      terms_.lease.give_back(to);
  }

  void note_seen(const std::string& key, const item& stored) {
    foreign_locks_.saw(key, schema_->lock_mark(stored), time_.steady());
    if (schema_->versions_can_lie()) seen_.remember(key, stored);
  }

  task<result<item>> read_item(std::string key, call_budget budget) {
    auto found = co_await table_.read(key, budget);
    if (found) note_seen(key, *found);
    co_return found;
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

  // A write that changes what was seen.
  task<result<write_outcome>> change(std::string key, const item_update& update, bool lock_is_gone,
                                     call_budget budget) {
    auto outcome = co_await table_.write(update.request(), budget);
    seen_.forget(key);
    if (!outcome || !outcome->condition_held) co_return outcome;
    if (lock_is_gone) foreign_locks_.saw(key, std::nullopt, time_.steady());
    // A save has assigned all that the next write has to name.
    const bool all = schema_->versions_can_lie() && schema_->version_in(update.assigned()) != no_version;
    if (all) seen_.remember(key, update.assigned());
    co_return outcome;
  }

  // The item may have expired; empty: there is none. `stored`: the item, or nothing when the service has not said.
  task<result<item>> what_stood_in_the_way(std::string key, item stored, call_budget budget) {
    if (stored.empty() && !table_.says_what_failed()) co_return co_await read_item(std::move(key), budget);
    foreign_locks_.saw(key, schema_->lock_mark(stored), time_.steady());
    co_return stored;
  }

  task<result<void>> wait_for_foreign_lock(std::string key, call_budget budget) {
    result<void> free;
    while (foreign_locks_.held(key, time_.steady())) {
      const auto pause = pause_between_looks();
      if (time_.steady() + pause >= budget.deadline)
        co_return error(errc::busy, "busy: a handler of the AWS SDK has held this session for too long");
      co_await sleep_for(pause);
      auto seen = co_await read_item(key, budget);
      if (!seen) co_return seen.error();
    }
    co_return free;
  }

  dynamo_client& client_;
  const clock& time_;
  std::unique_ptr<item_schema> schema_;
  item_table table_;
  dynamo_store_terms terms_;
  foreign_locks foreign_locks_;
  seen_items seen_;
};

}  // namespace

std::unique_ptr<session_store> make_dynamo_store(dynamo_client& client, const clock& time,
                                                 std::unique_ptr<item_schema> schema, dynamo_store_terms terms) {
  return std::make_unique<dynamo_store>(client, time, std::move(schema), std::move(terms));
}

}  // namespace mooring::sessiond
