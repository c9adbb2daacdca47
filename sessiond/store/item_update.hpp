// An UpdateItem or DeleteItem that several parts have a say in, pure: the schema writes the session, the lease adds its
// own attributes and its condition. Names and values get their placeholders here, so reserved words need no care.
#pragma once

#include <string>
#include <vector>

#include "mooring/aws/dynamo_types.hpp"

namespace mooring::sessiond {

class item_update {
 public:
  explicit item_update(item key) { request_.key = std::move(key); }

  // Each attribute in one of the two, once.
  void set(const std::string& attribute_name, attribute to);
  void remove(const std::string& attribute_name);

  // All must hold. Put brackets around an OR.
  void require(const std::string& condition);

  // Placeholders for require().
  std::string name(const std::string& attribute_name);
  std::string value(attribute of);

  const item& assigned() const { return assigned_; }
  const std::vector<std::string>& removed() const { return removed_; }
  const std::string& condition() const { return request_.condition; }

  // Without its table. A DeleteItem when nothing is set or removed.
  write_request request() const;

 private:
  write_request request_;  // all but its update
  item assigned_;
  std::vector<std::string> removed_;
  std::string sets_;
  std::string removes_;
};

}  // namespace mooring::sessiond
