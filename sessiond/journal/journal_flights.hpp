// Marks that live as long as something is under way to the table: inside of journal_store.
#pragma once

#include "sessiond/journal/journal_store.hpp"

namespace mooring::sessiond {

// Nobody starts to flush the session while this lives; a flush that is under way goes on.
class journal_store::flush_stop {
 public:
  flush_stop(journal_store& store, std::string key) : store_(store), key_(std::move(key)) { store_.index_.close(key_); }
  ~flush_stop() {
    store_.index_.reopen(key_);
    store_.wake();
  }
  flush_stop(const flush_stop&) = delete;
  flush_stop& operator=(const flush_stop&) = delete;

 private:
  journal_store& store_;
  std::string key_;
};

// The session's row, if it has one, may have reached the table from here on. When its lease is given back with it,
// nothing relies on the lease any more.
class journal_store::flight {
 public:
  enum class kind { flush, client };
  flight(journal_store& store, kind whose, std::string of, lease_after lease_then)
      : key(std::move(of)),
        lease(lease_then),
        was_sent_before(store.index_.was_sent(key)),
        store_(store),
        flushes_(whose == kind::flush ? 1 : 0) {
    store_.flushes_under_way_ += flushes_;
    store_.flights_.insert(key);
    store_.index_.begin_flush(key);
    if (lease != lease_after::keep) store_.leases_.forget(key);
  }
  ~flight() {
    store_.flushes_under_way_ -= flushes_;
    store_.flights_.erase(key);
    store_.index_.reopen(key);
    store_.turns_.notify(key);
    store_.wake();
  }
  flight(const flight&) = delete;
  flight& operator=(const flight&) = delete;

  const std::string key;
  const lease_after lease;
  const bool was_sent_before;

 private:
  journal_store& store_;
  std::size_t flushes_;
};

}  // namespace mooring::sessiond
