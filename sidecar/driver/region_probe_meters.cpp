#include "region_probe_meters.hpp"

namespace mooring::sidecar {

void region_probe_meters::add(const std::string& region) {
  gauge& correction =
      registry_.make_gauge("mooring_sidecar_clock_correction_seconds",
                           "How far DynamoDB's clock is ahead of this node's; 0 for little.", {{"region", region}});
  regions_.push_back({region, {}, &correction});
}

void region_probe_meters::record(std::size_t rank, const region_probe& run, seconds clock_correction) {
  meters& m = regions_.at(rank);
  const std::string_view found =
      name_of(run.failure == nullptr ? failure_class::none : failure_class_of(run.failure->code()));
  counter*& runs = m.runs[{run.fresh, found}];
  if (runs == nullptr)
    runs = &registry_.make_counter(
        "mooring_sidecar_region_probes_total",
        "Probes of a region, over a kept or a fresh connection, by class of outcome.",
        {{"region", m.region}, {"connection", run.fresh ? "fresh" : "kept_alive"}, {"class", std::string(found)}});
  runs->add();
  m.clock_correction->set(static_cast<double>(clock_correction.count()));
}

}  // namespace mooring::sidecar
