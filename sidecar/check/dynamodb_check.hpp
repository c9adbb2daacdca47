// Does the sessions' table answer in one region?
//
// A GetItem of a key that never exists. Every `fresh_every`-th run looks the name up again and connects anew: in
// October 2025 us-east-1's name went empty while kept-alive connections lived on.
#pragma once

#include <cstdint>

#include "check.hpp"
#include "mooring/aws/dynamo_client.hpp"

namespace mooring::sidecar {

class dynamodb_check final : public check {
 public:
  dynamodb_check(dynamo_client& client, std::string table, std::int64_t fresh_every);

  const std::string& name() const override { return name_; }
  task<outcome> probe(steady_time deadline) override;

 private:
  dynamo_client& client_;
  std::string table_;
  std::string name_;
  std::int64_t fresh_every_;
  std::int64_t runs_ = 0;
};

failure_class class_of_dynamo_error(errc code);

}  // namespace mooring::sidecar
