// AWS Signature Version 4, without I/O and without a clock; checked against AWS's own test vectors.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
// The time is an argument, so that a skewed node can sign with the service's time.
#pragma once

#include <string>
#include <string_view>

#include "mooring/aws/credentials.hpp"
#include "mooring/net/http_client.hpp"

namespace mooring {

struct signing_scope {
  std::string region;
  std::string service;
};

struct signing_options {
  bool normalize_path = true;      // S3 wants false
  bool sign_body_header = false;   // adds and signs x-amz-content-sha256
  bool sign_session_token = true;  // false: the token is added after signing
};

struct signed_parts {
  std::string canonical_request;
  std::string string_to_sign;
  std::string signature;
  http_headers added;  // x-amz-date, x-amz-security-token, x-amz-content-sha256, authorization
};

// What is to be signed. `target` is path and query as they go over the wire; headers must include host.
struct signable_request {
  std::string method;
  std::string target;
  http_headers headers;
  std::string_view body;
};

class sigv4_signer {
 public:
  sigv4_signer(signing_scope scope, signing_options options) : scope_(std::move(scope)), options_(options) {}

  // Keeps the key derived for the day of `now`, so that a request costs one HMAC instead of five.
  signed_parts sign(const signable_request& request, const credentials& keys, wall_time now);

 private:
  const std::string& signing_key(const std::string& date, const credentials& keys);

  signing_scope scope_;
  signing_options options_;
  std::string cached_for_;
  std::string cached_key_;
};

}  // namespace mooring
