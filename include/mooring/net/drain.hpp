// The register of live connections, and their orderly end.
//
// Every connection holds a ticket while it lives. drain() first asks each to end when it is done with what it is in the
// middle of; after `finish` it tells those that are left to stop reading, so that a command already received is still
// answered and the next read sees the end; it returns when all tickets are gone or `grace` is over.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <functional>
#include <list>

#include "mooring/base/clock.hpp"
#include "mooring/net/task.hpp"

namespace mooring {

class drain_register {
 public:
  explicit drain_register(const asio::any_io_executor& executor);

  enum class request { end_when_done, stop_reading };
  using listener = std::function<void(request)>;

  class ticket {
   public:
    ticket(drain_register& owner, listener on_request);
    ~ticket();
    ticket(const ticket&) = delete;
    ticket& operator=(const ticket&) = delete;

   private:
    drain_register& owner_;
    std::list<listener>::iterator place_;
  };

  std::size_t live() const { return live_.size(); }
  bool draining() const { return draining_; }

  // True: every connection ended in time. One that is accepted while draining stops at once.
  task<bool> drain(milliseconds finish, milliseconds grace);

 private:
  task<void> ask_and_wait(request what, milliseconds time);

  std::list<listener> live_;
  asio::steady_timer empty_;
  bool draining_ = false;
};

}  // namespace mooring
