#include "mooring/net/own_thread.hpp"

#include <atomic>
#include <system_error>
#include <thread>

namespace mooring::detail {
namespace {

std::atomic<std::size_t> own_threads{0};

}  // namespace

bool start_own_thread(std::function<void()> work, std::function<void()> deliver) {
  if (own_threads.fetch_add(1) < max_own_threads) {
    try {
      std::thread([work = std::move(work), deliver = std::move(deliver)]() mutable {
        work();
        // What it owned (files, pipes) is gone when the caller goes on.
        work = nullptr;
        --own_threads;
        deliver();
      }).detach();
      return true;
    } catch (const std::system_error&) {
      // The kernel has no more threads for us: the same as our own limit.
    }
  }
  --own_threads;
  return false;
}

}  // namespace mooring::detail
