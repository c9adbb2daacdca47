// The notices by which nodes agree on a region (region_route.hpp), as items in the sessions' table of each region:
//
//   <key>      S  "mooring-region/PRIMARY/REGION": REGION is used by nodes whose primary is PRIMARY
//   published  S  the stamp, changed while the sidecar of a node has moved it here
//   bridged    S  the stamp, changed while a node cannot reach the other region
//                 A stamp is "<unix seconds>-<random hex>", by the service's clock; only a process's first look minds
//                 the time.
//   <ttl>      N  unix seconds, a day after it was given
//
// A region's notice is read and written in that region. Two fleets whose primaries differ do not mind each other.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <vector>

#include "mooring/aws/dynamo_client.hpp"
#include "sessiond/region/region_switch.hpp"

namespace mooring::sessiond {

class region_notices {
 public:
  // The client of each region, in the order of the store's regions. Everything must outlive this. `patience`: for one
  // look at a region.
  region_notices(std::vector<dynamo_client*> regions, std::string table, region_switch& where, const clock& time,
                 const logger& log, milliseconds patience, const asio::any_io_executor& executor);

  // One for each region, until stop().
  task<void> watch(std::size_t region);
  // Something has changed: looks now.
  void hurry();
  void stop();

 private:
  task<void> look(std::size_t region);
  task<void> give(std::size_t region, notice_kind kind);
  attribute key_of(std::size_t region) const;
  std::int64_t service_time(std::size_t region) const;

  std::vector<dynamo_client*> regions_;
  std::string table_;
  region_switch& where_;
  const clock& time_;
  logger log_;
  milliseconds patience_;
  std::vector<asio::steady_timer> pauses_;
  std::vector<bool> seen_;   // by region: looked at once
  bool complained_ = false;  // that notice could not be given
  bool stopping_ = false;
};

}  // namespace mooring::sessiond
