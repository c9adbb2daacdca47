// Complete HTTP answers as bytes.
//
// A page is rendered once, in all eight forms that a request can ask for, so that answering a probe is one copy and one
// write. Every answer has Content-Length and Cache-Control: no-store, is never chunked and never compressed. On the
// public listener a healthy body starts with "OK"; no other body holds these letters, so a prober may search for them.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "request.hpp"
#include "sidecar/health/verdict.hpp"

namespace mooring::sidecar {

struct answer_content {
  unsigned status = 200;
  std::string_view type = "text/plain";
  std::string_view extra_headers = "";  // complete lines, each with its "\r\n"
  std::string_view body = "";
};

std::string render_answer(const answer_content& content, const http_question& question);

class page {
 public:
  explicit page(const answer_content& content);

  unsigned status() const { return status_; }
  const std::string& bytes(const http_question& question) const;

 private:
  unsigned status_;
  std::array<std::string, 8> forms_;
};

// What /healthz says: 200 "OK" while in service, else 503 with the one word that a load balancer may know.
page health_page(verdict_kind kind);

// The one-word answer to what is not served: 400, 404, 405, 408, 413 or 431. `allow` goes with 405.
page refusal_page(unsigned status, std::string_view allow);

}  // namespace mooring::sidecar
