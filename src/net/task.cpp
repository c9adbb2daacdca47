#include "mooring/net/task.hpp"

#include <boost/asio/co_spawn.hpp>
#include <exception>

namespace mooring {

void spawn(const asio::any_io_executor& executor, const logger& log, std::string name, task<void> body) {
  const auto finished = [log, name = std::move(name)](std::exception_ptr failure) {
    if (!failure) return;
    try {
      std::rethrow_exception(failure);
    } catch (const std::exception& e) {
      log.error("task.bug", "task", name, "what", e.what());
      throw;
    }
  };
  asio::co_spawn(executor, std::move(body), finished);
}

}  // namespace mooring
