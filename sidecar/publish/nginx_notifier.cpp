#include "nginx_notifier.hpp"

namespace mooring::sidecar {

void nginx_notifier::notify(std::string region) {
  owed_ = std::move(region);
  failures_ = 0;
  wake_.cancel();
}

void nginx_notifier::stop() {
  stopping_ = true;
  wake_.cancel();
}

task<void> nginx_notifier::run() {
  const std::function<bool()> unwanted = [this] { return stopping_; };
  while (!stopping_) {
    wake_.expires_at(steady_time::max());
    if (owed_) {
      const std::string region = *owed_;
      const bool taken = co_await nginx_.publish(region, unwanted);
      if (stopping_) co_return;
      // What came meanwhile has cancelled no wait, so it must not be waited for.
      if (owed_ != region) continue;
      if (taken) owed_.reset();
      if (!taken) wake_.expires_after(++failures_ <= nginx_soon_tries ? nginx_soon : nginx_later);
    }
    co_await wake_.async_wait(nothrow);
  }
}

}  // namespace mooring::sidecar
