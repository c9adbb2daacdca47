// The items of the sessions' table: requests that name the table, nothing else. Errors are those of the client.
#pragma once

#include <string>
#include <utility>

#include "mooring/aws/dynamo_client.hpp"
#include "sessiond/store/item_schema.hpp"

namespace mooring::sessiond {

class item_table {
 public:
  // Both must outlive this. `service_says_what_failed`: an answer to a refused write without an item says that there is
  // none.
  item_table(dynamo_client& client, const item_schema& schema, std::string table, bool service_says_what_failed)
      : client_(client), schema_(schema), table_(std::move(table)), says_what_failed_(service_says_what_failed) {}

  get_request get(const std::string& key) const {
    get_request out;
    out.table = table_;
    out.key = schema_.key_item(key);
    return out;
  }

  // Empty: there is none.
  task<result<item>> read(std::string key, call_budget budget) {
    auto found = co_await client_.get(get(key), budget);
    if (!found) co_return found.error();
    co_return found->value_or(item());
  }

  task<result<write_outcome>> write(write_request request, call_budget budget) {
    request.table = table_;
    auto outcome = co_await client_.write(std::move(request), budget);
    if (outcome && !outcome->condition_held && !outcome->stored.empty()) says_what_failed_ = true;
    co_return outcome;
  }

  // A service that has told once always tells.
  bool says_what_failed() const { return says_what_failed_; }

 private:
  dynamo_client& client_;
  const item_schema& schema_;
  std::string table_;
  bool says_what_failed_;
};

}  // namespace mooring::sessiond
