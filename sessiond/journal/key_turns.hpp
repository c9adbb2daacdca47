// One change of a session at a time on this node, and waiting for something to happen to a session.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "mooring/base/clock.hpp"
#include "mooring/net/task.hpp"

namespace mooring::sessiond {

class key_turns {
 public:
  // The right to change a session; it ends with this object.
  class turn {
   public:
    turn(key_turns& from, std::string key) : from_(&from), key_(std::move(key)) {}
    turn(turn&& other) noexcept : from_(std::exchange(other.from_, nullptr)), key_(std::move(other.key_)) {}
    turn& operator=(turn&&) = delete;
    ~turn() {
      if (from_ != nullptr) from_->give_back(key_);
    }

   private:
    key_turns* from_;
    std::string key_;
  };

  explicit key_turns(const asio::any_io_executor& executor) : executor_(executor) {}

  // Nothing when it is not free by the deadline.
  task<std::optional<turn>> take(std::string key, steady_time deadline);

  // Until notify(), or the deadline: false.
  task<bool> wait(std::string key, steady_time deadline);
  void notify(const std::string& key);

 private:
  void give_back(const std::string& key);

  asio::any_io_executor executor_;
  std::unordered_set<std::string> taken_;
  std::unordered_multimap<std::string, asio::steady_timer*> waiting_;
};

}  // namespace mooring::sessiond
