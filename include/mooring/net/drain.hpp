// The register of live connections, and their orderly end.
//
// Every connection holds a ticket while it lives. drain() asks each to stop reading, so that a command already received
// is still answered and the next read sees the end, and waits until all tickets are gone or the grace is over.
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

  class ticket {
   public:
    ticket(drain_register& owner, std::function<void()> stop_reading);
    ~ticket();
    ticket(const ticket&) = delete;
    ticket& operator=(const ticket&) = delete;

   private:
    drain_register& owner_;
    std::list<std::function<void()>>::iterator place_;
  };

  std::size_t live() const { return live_.size(); }
  bool draining() const { return draining_; }

  // True: every connection ended within `grace`. A connection that is accepted while draining is stopped at once.
  task<bool> drain(milliseconds grace);

 private:
  std::list<std::function<void()>> live_;
  asio::steady_timer empty_;
  bool draining_ = false;
};

}  // namespace mooring
