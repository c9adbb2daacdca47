// libcurl's multi handle on Asio: curl says which descriptors and which timer it wants watched, Asio watches them.
//
// curl owns its descriptors: they are released, never closed, here. Its interest is level-triggered, so each wait is
// armed again after every event. Completions are posted, so that user code never runs inside a curl callback.
#pragma once

#include <curl/curl.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <memory>

#include "mooring/net/task.hpp"

namespace mooring {

class curl_multi {
 public:
  using completion = std::function<void(CURLcode)>;

  explicit curl_multi(const asio::any_io_executor& executor);
  ~curl_multi();
  curl_multi(const curl_multi&) = delete;
  curl_multi& operator=(const curl_multi&) = delete;

  // `done` must stay valid until it is called or the transfer is removed.
  void add(CURL* easy, completion* done);
  void remove(CURL* easy);

 private:
  struct watch;
  static int on_socket(CURL*, curl_socket_t socket, int what, void* self, void*);
  static int on_timer(CURLM*, long timeout_ms, void* self);
  void watch_socket(curl_socket_t socket, int what);
  void arm(const std::shared_ptr<watch>& w);
  void ready(const std::shared_ptr<watch>& w, error_code ec, int event, int interest);
  void act(curl_socket_t socket, int events);
  void finish_transfers();

  CURLM* multi_;
  asio::any_io_executor executor_;
  asio::steady_timer timer_;
  std::map<curl_socket_t, std::shared_ptr<watch>> watches_;
};

}  // namespace mooring
