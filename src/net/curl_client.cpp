#include "mooring/net/curl_client.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <cctype>
#include <cerrno>
#include <cstdlib>

#include "curl_multi.hpp"
#include "mooring/net/name_lookup.hpp"

namespace mooring {
namespace {

constexpr long max_idle_seconds = 45;
constexpr long max_kept_connections = 64;

struct easy_deleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct url_deleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
struct slist_deleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

// Everything curl keeps pointers to while one transfer runs.
struct transfer {
  std::unique_ptr<CURL, easy_deleter> easy{curl_easy_init()};
  std::unique_ptr<curl_slist, slist_deleter> header_list;
  std::unique_ptr<curl_slist, slist_deleter> address_list;
  http_request request;
  http_response response;
  bool overflowed = false;
  char reason[CURL_ERROR_SIZE] = {};
  curl_multi::completion done;
};

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* user) {
  auto& t = *static_cast<transfer*>(user);
  t.overflowed = t.response.body.size() + size * count > max_response_bytes;
  if (t.overflowed) return 0;
  t.response.body.append(data, size * count);
  return size * count;
}

std::size_t on_header(char* data, std::size_t size, std::size_t count, void* user) {
  auto& headers = static_cast<transfer*>(user)->response.headers;
  const std::string_view line(data, size * count);
  if (line.rfind("HTTP/", 0) == 0) headers.clear();
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return line.size();
  std::string name(line.substr(0, colon));
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
  const auto first = line.find_first_not_of(" \t", colon + 1);
  const auto last = line.find_last_not_of(" \t\r\n");
  const bool empty = first == std::string_view::npos || first > last;
  headers.emplace_back(std::move(name), empty ? "" : line.substr(first, last - first + 1));
  return line.size();
}

// A request that was given up must not be carried out later: closing drops what the kernel has not delivered yet,
// instead of repeating it for minutes until the network is back. By then a write would be the last one of its item.
int drop_unsent_on_close(void*, curl_socket_t socket, curlsocktype) {
  const linger drop{1, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &drop, sizeof drop);
  return CURL_SOCKOPT_OK;
}

void configure(transfer& t, const curl_options& options, long remaining_ms) {
  CURL* easy = t.easy.get();
  const http_request& r = t.request;
  curl_slist* list = nullptr;
  for (const auto& [name, value] : r.headers)
    list = curl_slist_append(list, (name + ": " + value).c_str());
  list = curl_slist_append(list, "Expect:");
  t.header_list.reset(list);
  curl_easy_setopt(easy, CURLOPT_URL, r.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, list);
  if (r.method == "POST") {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(r.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, r.body.data());
  } else {
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, r.method.c_str());
  }
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  // Without it curl waits, in this thread, for a name lookup that has timed out: getaddrinfo takes its own 10 s or
  // more.
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, remaining_ms);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                   std::min(remaining_ms, static_cast<long>(options.connect_timeout.count())));
  curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, &drop_unsent_on_close);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, max_idle_seconds);
  curl_easy_setopt(easy, CURLOPT_MAXCONNECTS, max_kept_connections);
  if (r.fresh_connection) {
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
  }
  if (r.direct) curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, t.reason);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &t);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &t);
}

struct host_of_url {
  std::string name;
  std::string port;
};

std::optional<host_of_url> host_in(const std::string& url) {
  const std::unique_ptr<CURLU, url_deleter> parsed(curl_url());
  if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) return std::nullopt;
  host_of_url out;
  for (const auto& [part, target] : {std::pair(CURLUPART_HOST, &out.name), std::pair(CURLUPART_PORT, &out.port)}) {
    char* text = nullptr;
    if (curl_url_get(parsed.get(), part, &text, CURLU_DEFAULT_PORT) != CURLUE_OK) return std::nullopt;
    *target = text;
    curl_free(text);
  }
  if (out.name.front() == '[') out.name = out.name.substr(1, out.name.size() - 2);
  return out;
}

// Then names are looked up by the proxy, and this node may not even be able to.
bool proxy_is_set() {
  for (const char* name : {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"})
    if (std::getenv(name) != nullptr) return true;
  return false;
}

void use_addresses(transfer& t, const host_of_url& host, const addresses& found) {
  std::string line = host.name + ":" + host.port + ":";
  for (std::size_t i = 0; i < found.size(); ++i) {
    const bool v6 = found[i].find(':') != std::string::npos;
    line.append(i == 0 ? "" : ",").append(v6 ? "[" + found[i] + "]" : found[i]);
  }
  t.address_list.reset(curl_slist_append(nullptr, line.c_str()));
  curl_easy_setopt(t.easy.get(), CURLOPT_RESOLVE, t.address_list.get());
}

// A transfer that never connected says nothing about the service's answer; one that did and then fell silent timed out.
error failure_of(const transfer& t, CURLcode code) {
  const std::string what = t.request.url + ": " + (t.reason[0] != '\0' ? t.reason : curl_easy_strerror(code));
  long os_errno = 0;
  curl_easy_getinfo(t.easy.get(), CURLINFO_OS_ERRNO, &os_errno);
  if (code == CURLE_ABORTED_BY_CALLBACK) return error(errc::cancelled, what);
  if (t.overflowed) return error(errc::too_large, what);
  if (code == CURLE_COULDNT_CONNECT && (os_errno == ENETUNREACH || os_errno == EHOSTUNREACH || os_errno == ENETDOWN))
    return error(errc::no_network, what);
  if (code == CURLE_OPERATION_TIMEDOUT) {
    curl_off_t connected = 0;
    curl_easy_getinfo(t.easy.get(), CURLINFO_PRETRANSFER_TIME_T, &connected);
    return error(connected > 0 ? errc::timed_out : errc::region_unavailable, what);
  }
  if (os_errno == EMFILE || os_errno == ENFILE)
    return error(errc::io, what + ": too many open files; raise LimitNOFILE, or lower max_connections");
  if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL) return error(errc::misconfigured, what);
  return error(errc::region_unavailable, what);
}

// At least 1: curl takes 0 for no limit.
long milliseconds_until(steady_time deadline) {
  const auto left = std::chrono::ceil<milliseconds>(deadline - steady_time::clock::now());
  return std::max(1L, static_cast<long>(left.count()));
}

class curl_client final : public http_client {
 public:
  curl_client(const asio::any_io_executor& executor, const curl_options& options)
      : names_(executor), multi_(executor), options_(options), proxied_(proxy_is_set()) {}

  task<result<http_response>> send(http_request request, steady_time deadline) override {
    if (deadline <= steady_time::clock::now())
      co_return error(errc::timed_out, request.url + ": the deadline had passed");
    transfer t;
    t.request = std::move(request);
    auto named = co_await look_up(t, deadline);
    if (!named) co_return named.error();
    configure(t, options_, milliseconds_until(deadline));
    const CURLcode code = co_await run(t);
    if (code != CURLE_OK) co_return failure_of(t, code);
    long connects = 0;
    curl_easy_getinfo(t.easy.get(), CURLINFO_RESPONSE_CODE, &t.response.status);
    curl_easy_getinfo(t.easy.get(), CURLINFO_NUM_CONNECTS, &connects);
    t.response.new_connection = connects > 0;
    co_return std::move(t.response);
  }

  bool hangs() const override { return names_.hangs(); }

 private:
  task<result<void>> look_up(transfer& t, steady_time deadline) {
    result<void> found_or_not_needed;
    const auto host = host_in(t.request.url);
    if (!host || (proxied_ && !t.request.direct)) co_return found_or_not_needed;
    const auto until = std::min(deadline, steady_time::clock::now() + options_.connect_timeout);
    const auto found = co_await names_.find(host->name, t.request.fresh_connection, until);
    if (!found) co_return found.error();
    use_addresses(t, *host, *found);
    co_return found_or_not_needed;
  }

  task<CURLcode> run(transfer& t) {
    const auto initiate = [](auto handler, curl_multi* multi, transfer* current) {
      auto slot = asio::get_associated_cancellation_slot(handler);
      auto shared = std::make_shared<decltype(handler)>(std::move(handler));
      const auto complete = [shared](CURLcode code) {
        const auto executor = asio::get_associated_executor(*shared);
        asio::post(executor, [shared, code] { std::move (*shared)(code); });
      };
      current->done = [complete, slot](CURLcode code) mutable {
        slot.clear();
        complete(code);
      };
      if (slot.is_connected()) {
        slot.assign([multi, current, complete](asio::cancellation_type) {
          if (!current->done) return;
          current->done = nullptr;
          multi->remove(current->easy.get());
          complete(CURLE_ABORTED_BY_CALLBACK);
        });
      }
      multi->add(current->easy.get(), &current->done);
    };
    co_return co_await asio::async_initiate<decltype(asio::use_awaitable) const, void(CURLcode)>(
        initiate, asio::use_awaitable, &multi_, &t);
  }

  name_lookup names_;
  curl_multi multi_;
  curl_options options_;
  bool proxied_;
};

}  // namespace

std::unique_ptr<http_client> make_curl_client(const asio::any_io_executor& executor, const curl_options& options) {
  return std::make_unique<curl_client>(executor, options);
}

}  // namespace mooring
