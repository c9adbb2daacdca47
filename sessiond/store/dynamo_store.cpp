#include "sessiond/store/dynamo_store.hpp"

#include "mooring/aws/dynamo_table.hpp"
#include "sessiond/store/item_codec.hpp"

namespace mooring::sessiond {
namespace {

// How often a removal follows a session that others keep changing under it.
constexpr int max_removal_tries = 3;

const std::string& stale_text() {
  static const std::string text = "stale: another request changed or removed the session; what is stored is unchanged";
  return text;
}

class dynamo_store final : public session_store {
 public:
  dynamo_store(dynamo_client& client, const clock& time, std::string table, lease_terms terms)
      : client_(client), time_(time), requests_(std::move(table), std::move(terms)) {}

  std::int64_t now() const override { return unix_seconds(time_.wall() + client_.clock_correction()); }

  task<result<std::optional<stored_session>>> load(std::string key, call_budget budget) override {
    auto request = requests_.load(key);
    auto found = co_await client_.get(std::move(request), budget);
    if (!found) co_return found.error();
    // now() after the answer: it may have corrected the clock.
    co_return decoded(found->value_or(item()));
  }

  task<result<bool>> exists(std::string key, call_budget budget) override {
    auto request = requests_.exists(key);
    auto found = co_await client_.get(std::move(request), budget);
    if (!found) co_return found.error();
    co_return found->has_value() && number_in(**found, ttl_attribute_name).value_or(0) > now();
  }

  task<result<void>> save(std::string key, session_write write, call_budget budget) override {
    auto fits = check_size(write.data);
    if (!fits) co_return fits.error();
    auto request = requests_.save(key, write, now_ms());
    auto outcome = co_await client_.write(std::move(request), budget);
    if (!outcome) co_return outcome.error();
    result<void> saved;
    if (outcome->condition_held) co_return saved;
    // The first try of this very write may have succeeded without its answer reaching us.
    auto stored = co_await what_stood_in_the_way(key, std::move(*outcome), budget);
    if (!stored) co_return stored.error();
    if (*stored && (*stored)->version == write.version && (*stored)->data == write.data) co_return saved;
    co_return error(errc::stale, stale_text());
  }

  task<result<leased_session>> acquire(std::string key, call_budget budget) override {
    auto request = requests_.acquire(key, now_ms());
    auto outcome = co_await client_.write(std::move(request), budget);
    if (!outcome) co_return outcome.error();
    const bool taken = outcome->condition_held;
    result<std::optional<stored_session>> stored = decoded(outcome->stored);
    if (!taken) stored = co_await what_stood_in_the_way(key, std::move(*outcome), budget);
    if (!stored) co_return stored.error();
    leased_session out;
    if (!*stored) co_return out;
    out.answer = taken ? lease_answer::taken : lease_answer::held_elsewhere;
    out.session = std::move(**stored);
    co_return out;
  }

  task<result<void>> renew(std::string key, call_budget budget) override {
    auto request = requests_.renew(key, now_ms());
    auto outcome = co_await client_.write(std::move(request), budget);
    if (!outcome) co_return outcome.error();
    if (!outcome->condition_held) co_return error(errc::stale, stale_text());
    result<void> renewed;
    co_return renewed;
  }

  task<result<void>> release(std::string key, call_budget budget) override {
    auto request = requests_.release(key);
    auto outcome = co_await client_.write(std::move(request), budget);
    if (!outcome) co_return outcome.error();
    result<void> released;
    co_return released;
  }

  task<result<void>> touch(std::string key, session_touch touch, call_budget budget) override {
    auto request = requests_.touch(key, touch, now_ms());
    auto outcome = co_await client_.write(std::move(request), budget);
    if (!outcome) co_return outcome.error();
    result<void> touched;
    if (outcome->condition_held) co_return touched;
    auto stored = co_await what_stood_in_the_way(key, std::move(*outcome), budget);
    if (!stored) co_return stored.error();
    if (*stored) co_return touched;
    co_return error(errc::stale, stale_text());
  }

  task<result<bool>> remove(std::string key, session_version known, call_budget budget) override {
    for (int tries = 0; tries < max_removal_tries; ++tries) {
      if (known == no_version) {
        auto found = co_await load(key, budget);
        if (!found) co_return found.error();
        if (!*found) co_return false;
        known = (*found)->version;
      }
      auto request = requests_.remove(key, known);
      auto outcome = co_await client_.write(std::move(request), budget);
      if (!outcome) co_return outcome.error();
      if (outcome->condition_held) co_return number_in(outcome->stored, ttl_attribute_name).value_or(0) > now();
      known = no_version;
    }
    co_return error(errc::busy, "busy: other requests keep changing this session");
  }

 private:
  // Services that do not tell what failed a condition (ReturnValuesOnConditionCheckFailure is of 2023) are asked.
  task<result<std::optional<stored_session>>> what_stood_in_the_way(std::string key, write_outcome outcome,
                                                                    call_budget budget) {
    if (outcome.stored.empty()) co_return co_await load(std::move(key), budget);
    co_return decoded(outcome.stored);
  }

  std::int64_t now_ms() const {
    const auto service_time = time_.wall() + client_.clock_correction();
    return std::chrono::duration_cast<milliseconds>(service_time.time_since_epoch()).count();
  }

  result<std::optional<stored_session>> decoded(const item& stored) const {
    auto session = session_from(stored, now());
    if (session && *session) (*session)->leased_elsewhere = requests_.terms().held_elsewhere(stored, now_ms());
    return session;
  }

  dynamo_client& client_;
  const clock& time_;
  session_requests requests_;
};

}  // namespace

std::unique_ptr<session_store> make_dynamo_store(dynamo_client& client, const clock& time, std::string table,
                                                 lease_terms terms) {
  return std::make_unique<dynamo_store>(client, time, std::move(table), std::move(terms));
}

}  // namespace mooring::sessiond
