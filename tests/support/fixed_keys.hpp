// Credentials that are always there, until a test takes them away.
#pragma once

#include "mooring/aws/credentials.hpp"

namespace mooring::test {

class fixed_keys final : public credentials_provider {
 public:
  result<credentials> current() override {
    if (missing) return error(errc::misconfigured, "no keys");
    credentials out;
    out.access_key_id = "id";
    out.secret_access_key = "secret";
    return out;
  }
  bool missing = false;
};

}  // namespace mooring::test
