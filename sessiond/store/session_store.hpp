// Where sessions live, in the words of sessions.
//
// The stores, DynamoDB with each schema and SQLite, obey this contract to the letter;
// tests/unit/sessiond/store_contract_test.cpp runs the same cases on all. Every version of a session has a number;
// those that Mooring stores only grow. A save names the version it has read, and is refused with errc::stale, leaving
// the stored session as it is, when another one is stored. An expired session counts as absent for all calls, however
// long its bytes stay in the table. Errors: errc::stale, errc::too_large (nothing was stored), errc::bad_data (stored
// by a newer Mooring), and those of the backend. After one of the backend's a save may have happened all the same, its
// answer lost; saving the same again is then a success.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "mooring/base/call_budget.hpp"
#include "mooring/net/task.hpp"

namespace mooring::sessiond {

// DynamoDB takes items of 400 KB in all; 2 KB are left for the key, the names and the numbers. The embedded store keeps
// to it, so that a site can move. It is about the bytes that are stored: data that was compressed may have been larger.
constexpr std::size_t max_data_bytes = 398 * 1024;
// Before compression: what one argument of a command can hold.
constexpr std::size_t max_raw_bytes = 512 * 1024;

using session_version = std::int64_t;
constexpr session_version no_version = 0;  // there is no live session

struct stored_session {
  std::string data;
  session_version version = no_version;
  std::int64_t expires = 0;       // unix seconds; expired from that second on
  bool leased_elsewhere = false;  // another node, or another program on the same table, holds the session now
  // Where it was read, when there is more than one. A version is a fact of one region, and may not have
  // arrived elsewhere.
  std::string region;
};

// What a write does to the lease that this process holds. A write is refused as errc::stale while another node holds
// the session, unless leases are not used at all.
enum class lease_after { not_used, keep, release };

// held_elsewhere: also where another program has locked a session that does not exist yet.
enum class lease_answer { taken, absent, held_elsewhere };

struct leased_session {
  lease_answer answer = lease_answer::absent;
  stored_session session;  // of a lease that was taken
};

struct session_write {
  std::string data;
  session_version version = no_version;  // of this write; larger than `expected`
  session_version expected = no_version;
  std::int64_t expires = 0;
  lease_after lease = lease_after::not_used;
  // Not only `expected` may be replaced, but whatever is older, and nothing at all: the caller has read `expected` in
  // another region, and this one lags. A lease here does not hinder that.
  bool replaces_older = false;
  // The region where `expected` was read. A caller that writes on what it has just read leaves it empty: a store over
  // two regions remembers for minutes where that was. A journal keeps rows for hours, and over restarts, so it has to
  // say. Without it such a store cannot tell a region that lags, where the write replaces what is older, from one where
  // another node has written or removed since, where it must not. Stores of one region do not mind it.
  std::string read_in;
};

struct session_touch {
  session_version version = no_version;
  std::int64_t expires = 0;
  lease_after lease = lease_after::not_used;
};

class session_store {
 public:
  virtual ~session_store() = default;

  // Unix seconds by the clock of the service that keeps the sessions, so that a node whose own clock is wrong neither
  // serves what has expired nor drops what lives. Expiries are counted on it.
  virtual std::int64_t now() const = 0;

  virtual task<result<std::optional<stored_session>>> load(std::string key, call_budget budget) = 0;
  virtual task<result<bool>> exists(std::string key, call_budget budget) = 0;

  // Saving again what is stored, the same bytes with the same version, is a success: the first answer was lost.
  virtual task<result<void>> save(std::string key, session_write write, call_budget budget) = 0;

  // The lease: who may change a session, across nodes. It ends by itself lease_time() after it was taken or renewed, by
  // the service's clock, so that a node that dies holds nothing for long; a process of the same node takes it over at
  // once. A session that does not exist has none: the first save creates it, on condition that it is still absent.
  // Taking and reading are one round trip.
  virtual task<result<leased_session>> acquire(std::string key, call_budget budget) = 0;
  virtual task<result<void>> renew(std::string key, call_budget budget) = 0;  // errc::stale: it was lost
  virtual task<result<void>> release(std::string key, call_budget budget) = 0;

  // Moves the expiry of the session that was read as touch.version, even if it has expired since. A success, too, when
  // a newer version lives: whoever stored that has moved the expiry. errc::stale when nothing lives.
  virtual task<result<void>> touch(std::string key, session_touch touch, call_budget budget) = 0;

  // Whether there was a live session to remove. `known`: the version the caller has read, which saves a read;
  // no_version when it has read none. A removal that arrives late does not hit a session that was begun meanwhile.
  virtual task<result<bool>> remove(std::string key, session_version known, call_budget budget) = 0;
};

}  // namespace mooring::sessiond
