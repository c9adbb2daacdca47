// Whether the tables of all regions are fit for sessions, as findings with their remedies. Pure.
//
// What keeps sessions from being stored, from expiring, or from being in the other region is a `fail`. What costs
// money or surprises later is a `warn`. Advice that a shop may well leave alone comes with an `ok`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ctl/report/findings.hpp"
#include "mooring/aws/table_plan.hpp"

namespace mooring::ctl {

struct region_view {
  std::string region;
  result<table_description> table;

  // From DescribeContinuousBackups; nothing: not asked, or the service does not know of it.
  std::optional<result<bool>> recovery;
  std::string remedy;  // when the table could not be looked at
};

// The key, state, TTL and billing of one region's table: what a node needs to start.
findings review_table(const table_wish& wish, const region_view& view);

// All of it. The first view is the primary region's; a second one is the secondary's, which must be a replica of the
// first. `of_2017`: whether the two belong to a global table of version 2017.11.29; nothing when that cannot be told.
findings review_tables(const table_wish& wish, const std::vector<region_view>& views, std::optional<bool> of_2017);

// Whether only DescribeGlobalTable tells if these are replicas: both tables are there, and neither lists the other.
bool may_be_of_2017(const std::vector<region_view>& views);

}  // namespace mooring::ctl
