// Counters, gauges and histograms, and their Prometheus text (exposition format 0.0.4).
//
// A registry belongs to the app; parts keep the references it hands out, which stay valid as long as the registry.
// Names are mooring_PART_WHAT; PART is sidecar, sessiond, journal or dynamodb. Counters and nothing else end in _total;
// times end in _seconds. Whoever makes a metric makes each set of its labels once. Not synchronised: one thread.
#pragma once

#include <cstdint>
#include <deque>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mooring {

class counter {
 public:
  void add(double amount = 1) { value_ += amount; }
  double value() const { return value_; }

 private:
  double value_ = 0;
};

class gauge {
 public:
  void set(double value) { value_ = value; }
  void add(double amount) { value_ += amount; }
  double value() const { return value_; }

 private:
  double value_ = 0;
};

class histogram {
 public:
  explicit histogram(std::vector<double> upper_bounds);
  void observe(double value);

  const std::vector<double>& bounds() const { return bounds_; }
  const std::vector<std::uint64_t>& counts() const { return counts_; }  // one per bound, and one above the last
  double sum() const { return sum_; }

 private:
  std::vector<double> bounds_;
  std::vector<std::uint64_t> counts_;
  double sum_ = 0;
};

// 0.5 ms to 10 s: from a warm round trip inside a region to a request at its deadline.
std::vector<double> latency_buckets();

using metric_labels = std::vector<std::pair<std::string, std::string>>;

class metrics {
 public:
  counter& make_counter(std::string_view name, std::string_view help, const metric_labels& labels = {});
  gauge& make_gauge(std::string_view name, std::string_view help, const metric_labels& labels = {});
  histogram& make_histogram(std::string_view name, std::string_view help, const metric_labels& labels = {},
                            std::vector<double> bounds = latency_buckets());
  std::string render() const;

 private:
  template <class Metric>
  struct series {
    std::string labels;  // rendered: a="x",b="y"
    Metric* metric;
  };
  struct family {
    std::string help;
    std::string type;
    std::vector<series<counter>> counters;
    std::vector<series<gauge>> gauges;
    std::vector<series<histogram>> histograms;
  };
  family& family_of(std::string_view name, std::string_view help, std::string_view type);

  std::map<std::string, family, std::less<>> families_;
  std::deque<counter> counters_;
  std::deque<gauge> gauges_;
  std::deque<histogram> histograms_;
};

}  // namespace mooring
