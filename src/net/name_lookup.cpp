#include "mooring/net/name_lookup.hpp"

#include <arpa/inet.h>
#include <netdb.h>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <list>
#include <optional>

namespace mooring {
namespace {

bool is_literal(const std::string& host) {
  in6_addr ignored{};
  return ::inet_pton(AF_INET, host.c_str(), &ignored) == 1 || ::inet_pton(AF_INET6, host.c_str(), &ignored) == 1;
}

result<addresses> ask_resolver(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int failed = ::getaddrinfo(host.c_str(), nullptr, &hints, &list);
  if (failed != 0) return error(errc::region_unavailable, "cannot look up " + host + ": " + ::gai_strerror(failed));
  addresses out;
  for (const addrinfo* at = list; at != nullptr; at = at->ai_next) {
    char text[NI_MAXHOST] = {};
    if (::getnameinfo(at->ai_addr, at->ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST) == 0)
      out.emplace_back(text);
  }
  ::freeaddrinfo(list);
  if (out.empty()) return error(errc::region_unavailable, "cannot look up " + host + ": the name has no address");
  return out;
}

}  // namespace

// Touched on the executor only, but for the thread that runs the lookup.
struct name_lookup::entry {
  asio::thread_pool thread{1};
  bool running = false;
  std::uint64_t ended = 0;  // lookups so far
  result<addresses> last;
  std::optional<addresses> good;  // the last that succeeded
  steady_time looked_up;
  std::list<asio::steady_timer*> waiting;
};

name_lookup::name_lookup(const asio::any_io_executor& executor) : executor_(executor) {}

name_lookup::~name_lookup() {
  for (auto& [host, e] : entries_)
    e->thread.join();
}

bool name_lookup::hangs() const {
  for (const auto& [host, e] : entries_)
    if (e->running) return true;
  return false;
}

std::shared_ptr<name_lookup::entry> name_lookup::entry_of(const std::string& host) {
  auto& e = entries_[host];
  if (!e) e = std::make_shared<entry>();
  return e;
}

void name_lookup::start(const std::shared_ptr<entry>& e, const std::string& host) {
  if (e->running) return;
  e->running = true;
  asio::post(e->thread, [e, host, executor = executor_] {
    auto found = ask_resolver(host);
    asio::post(executor, [e, found = std::move(found)]() mutable {
      e->running = false;
      e->last = std::move(found);
      if (e->last) e->good = *e->last;
      e->looked_up = steady_time::clock::now();
      ++e->ended;
      for (asio::steady_timer* waiter : e->waiting)
        waiter->cancel();
    });
  });
}

task<result<addresses>> name_lookup::find(std::string host, bool fresh, steady_time deadline) {
  if (is_literal(host)) co_return addresses(1, host);
  const auto e = entry_of(host);
  const bool old = !e->good || steady_time::clock::now() - e->looked_up > keep;
  if (old || fresh) start(e, host);
  if (e->good && !fresh) co_return *e->good;
  const std::uint64_t before = e->ended;
  asio::steady_timer turn(executor_, deadline);
  const auto place = e->waiting.insert(e->waiting.end(), &turn);
  co_await turn.async_wait(nothrow);
  e->waiting.erase(place);
  if (e->ended != before) co_return e->last;
  co_return error(errc::region_unavailable, "cannot look up " + host + ": the name server gives no answer");
}

}  // namespace mooring
