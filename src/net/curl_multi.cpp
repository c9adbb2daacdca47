#include "curl_multi.hpp"

#include <chrono>
#include <new>

namespace mooring {

struct curl_multi::watch {
  watch(const asio::any_io_executor& executor, curl_socket_t socket) : descriptor(executor, socket) {}

  asio::posix::stream_descriptor descriptor;
  int interest = 0;
  bool reading = false;
  bool writing = false;
  bool dead = false;  // curl may drop the socket inside any call into it, while a wait is pending
};

curl_multi::curl_multi(const asio::any_io_executor& executor)
    : multi_(curl_multi_init()), executor_(executor), timer_(executor) {
  if (multi_ == nullptr) throw std::bad_alloc();
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &curl_multi::on_socket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &curl_multi::on_timer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
}

curl_multi::~curl_multi() {
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, nullptr);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, nullptr);
  for (auto& [socket, w] : watches_) {
    w->dead = true;
    w->descriptor.release();
  }
  curl_multi_cleanup(multi_);
}

void curl_multi::add(CURL* easy, completion* done) {
  curl_easy_setopt(easy, CURLOPT_PRIVATE, done);
  curl_multi_add_handle(multi_, easy);
}

void curl_multi::remove(CURL* easy) {
  curl_multi_remove_handle(multi_, easy);
}

int curl_multi::on_socket(CURL*, curl_socket_t socket, int what, void* self, void*) {
  static_cast<curl_multi*>(self)->watch_socket(socket, what);
  return 0;
}

int curl_multi::on_timer(CURLM*, long timeout_ms, void* self) {
  auto* multi = static_cast<curl_multi*>(self);
  multi->timer_.cancel();
  if (timeout_ms < 0) return 0;
  multi->timer_.expires_after(std::chrono::milliseconds(timeout_ms));
  multi->timer_.async_wait([multi](error_code ec) {
    if (!ec) multi->act(CURL_SOCKET_TIMEOUT, 0);
  });
  return 0;
}

void curl_multi::watch_socket(curl_socket_t socket, int what) {
  if (what == CURL_POLL_REMOVE) {
    const auto found = watches_.find(socket);
    if (found == watches_.end()) return;
    found->second->dead = true;
    found->second->descriptor.release();
    watches_.erase(found);
    return;
  }
  auto& w = watches_[socket];
  if (!w) w = std::make_shared<watch>(executor_, socket);
  w->interest = what;
  arm(w);
}

void curl_multi::arm(const std::shared_ptr<watch>& w) {
  using descriptor = asio::posix::stream_descriptor;
  if ((w->interest & CURL_POLL_IN) != 0 && !w->reading) {
    w->reading = true;
    w->descriptor.async_wait(descriptor::wait_read, [this, w](error_code ec) {
      w->reading = false;
      ready(w, ec, CURL_CSELECT_IN, CURL_POLL_IN);
    });
  }
  if ((w->interest & CURL_POLL_OUT) != 0 && !w->writing) {
    w->writing = true;
    w->descriptor.async_wait(descriptor::wait_write, [this, w](error_code ec) {
      w->writing = false;
      ready(w, ec, CURL_CSELECT_OUT, CURL_POLL_OUT);
    });
  }
}

void curl_multi::ready(const std::shared_ptr<watch>& w, error_code ec, int event, int interest) {
  if (w->dead) return;
  if (!ec && (w->interest & interest) == 0) return;
  act(w->descriptor.native_handle(), ec ? CURL_CSELECT_ERR : event);
  if (!w->dead) arm(w);
}

void curl_multi::act(curl_socket_t socket, int events) {
  int running = 0;
  curl_multi_socket_action(multi_, socket, events, &running);
  finish_transfers();
}

void curl_multi::finish_transfers() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    CURL* easy = message->easy_handle;
    const CURLcode code = message->data.result;
    completion* done = nullptr;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &done);
    remove(easy);
    (*done)(code);
  }
}

}  // namespace mooring
