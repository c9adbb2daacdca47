// Host names to addresses, one lookup at a time for each name.
//
// getaddrinfo() blocks for 10 s and more when the name server is silent, and nothing can stop it. A thread for each
// request that waits would pile up by the thousand; here all requests for one name share one thread and one answer.
// Literal addresses need no lookup. A name that was found once is answered from memory ever after and looked up again
// behind the request's back every `keep`: while the name server fails, connections that live and addresses that answer
// go on being used. Who wants to know whether the name server works asks for a fresh answer.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "mooring/base/clock.hpp"
#include "mooring/net/task.hpp"

namespace mooring {

using addresses = std::vector<std::string>;  // textual, IPv6 without brackets

class name_lookup {
 public:
  // As long as DynamoDB's own records live at the most (60 s), so that a moved endpoint is followed soon.
  static constexpr seconds keep{30};

  explicit name_lookup(const asio::any_io_executor& executor);
  ~name_lookup();

  // `fresh`: the answer of a lookup that ends after this call. errc::region_unavailable: there is no such name, or no
  // answer by the deadline.
  task<result<addresses>> find(std::string host, bool fresh, steady_time deadline);

  // A thread is inside getaddrinfo(): destroying this object waits for it, flush_log_and_exit() does not.
  bool hangs() const;

 private:
  struct entry;
  std::shared_ptr<entry> entry_of(const std::string& host);
  void start(const std::shared_ptr<entry>& e, const std::string& host);

  asio::any_io_executor executor_;
  std::map<std::string, std::shared_ptr<entry>> entries_;
};

}  // namespace mooring
