// A request as the sites see it: what a prober can ask for, and how it wants the answer.
#pragma once

#include <optional>
#include <string>

namespace mooring::sidecar {

enum class http_method { get, head, options, other };

struct http_question {
  http_method method = http_method::other;
  std::string path;  // without query, and without the origin of an absolute-form target
  bool http_1_1 = true;
  bool keep_alive = true;
};

// What arrived: a question, or the status to refuse it with; neither: the connection is over.
struct http_arrival {
  std::optional<http_question> question;
  unsigned refusal = 0;
};

}  // namespace mooring::sidecar
