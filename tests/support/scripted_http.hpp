// An http_client whose answers a test writes beforehand; it remembers what it was asked.
#pragma once

#include <deque>
#include <vector>

#include "mooring/net/http_client.hpp"

namespace mooring::test {

class scripted_http final : public http_client {
 public:
  void answer(long status, std::string body, http_headers headers = {}) {
    http_response response;
    response.status = status;
    response.body = std::move(body);
    response.headers = std::move(headers);
    script_.emplace_back(std::move(response));
  }
  void fail(errc code) { script_.emplace_back(error(code, "scripted")); }

  task<result<http_response>> send(http_request request, steady_time) override {
    sent.push_back(std::move(request));
    if (script_.empty()) co_return error(errc::region_unavailable, "the script is over");
    auto next = std::move(script_.front());
    script_.pop_front();
    co_return next;
  }

  std::vector<http_request> sent;

 private:
  std::deque<result<http_response>> script_;
};

}  // namespace mooring::test
