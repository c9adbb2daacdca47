#include "sessiond/store/dynamo_store.hpp"

#include "mooring/aws/dynamo_table.hpp"
#include "sessiond/store/item_codec.hpp"

namespace mooring::sessiond {
namespace {

class dynamo_store final : public session_store {
 public:
  dynamo_store(dynamo_client& client, std::string table) : client_(client), table_(std::move(table)) {}

  task<result<std::optional<stored_session>>> load(std::string key, call_time when) override {
    get_request request;
    request.table = table_;
    request.key = key_item(key);
    auto found = co_await client_.get(std::move(request), when.deadline);
    if (!found) co_return found.error();
    co_return session_from(found->value_or(item()), when.now);
  }

  task<result<bool>> exists(std::string key, call_time when) override {
    get_request request;
    request.table = table_;
    request.key = key_item(key);
    request.projection = "#e";
    request.names.emplace("#e", ttl_attribute_name);
    auto found = co_await client_.get(std::move(request), when.deadline);
    if (!found) co_return found.error();
    co_return *found&& number_in(**found, ttl_attribute_name).value_or(0) > when.now;
  }

  task<result<void>> save(std::string key, session_write write, call_time when) override {
    auto fits = check_size(write.data);
    if (!fits) co_return fits.error();
    auto request = save_request(table_, key, write, when.now);
    auto outcome = co_await client_.write(std::move(request), when.deadline);
    if (!outcome) co_return outcome.error();
    result<void> saved;
    if (outcome->condition_held) co_return saved;
    // The first try of this very write may have succeeded without its answer reaching us. Services that do not tell
    // what stood in the way (ReturnValuesOnConditionCheckFailure is of 2023) are asked.
    auto stored = session_from(outcome->stored, when.now);
    if (outcome->stored.empty()) stored = co_await load(key, when);
    if (!stored) co_return stored.error();
    if (*stored && (*stored)->data == write.data) co_return saved;
    co_return error(errc::stale, "stale: another request stored a newer version; the stored session is unchanged");
  }

  task<result<void>> touch(std::string key, std::int64_t expires, call_time when) override {
    auto request = touch_request(table_, key, expires, when.now);
    auto outcome = co_await client_.write(std::move(request), when.deadline);
    if (!outcome) co_return outcome.error();
    result<void> touched;
    co_return touched;
  }

  task<result<bool>> remove(std::string key, call_time when) override {
    write_request request;
    request.table = table_;
    request.key = key_item(key);
    auto outcome = co_await client_.write(std::move(request), when.deadline);
    if (!outcome) co_return outcome.error();
    co_return number_in(outcome->stored, ttl_attribute_name).value_or(0) > when.now;
  }

 private:
  dynamo_client& client_;
  std::string table_;
};

}  // namespace

std::unique_ptr<session_store> make_dynamo_store(dynamo_client& client, std::string table) {
  return std::make_unique<dynamo_store>(client, std::move(table));
}

}  // namespace mooring::sessiond
