// What one listener says. Answers come from memory: nothing here waits, so a probe costs no backend call.
#pragma once

#include <string>

#include "request.hpp"

namespace mooring::sidecar {

class site {
 public:
  virtual ~site() = default;

  // The bytes of a complete answer.
  virtual std::string answer(const http_question& question) = 0;

  // The same for something that was not a request (400, 408, 413, 431); the connection ends with it.
  virtual std::string refuse(unsigned status) = 0;
};

}  // namespace mooring::sidecar
