#include "mooring/base/metrics.hpp"

#include <algorithm>
#include <charconv>

namespace mooring {
namespace {

std::string number(double value) {
  char buffer[32];
  const auto [end, ec] = std::to_chars(buffer, buffer + sizeof buffer, value);
  return ec == std::errc{} ? std::string(buffer, end) : "NaN";
}

std::string rendered(const metric_labels& labels) {
  std::string out;
  for (const auto& [name, value] : labels) {
    if (!out.empty()) out.push_back(',');
    out.append(name).append("=\"");
    for (const char c : value) {
      if (c == '\n') {
        out.append("\\n");
        continue;
      }
      if (c == '"' || c == '\\') out.push_back('\\');
      out.push_back(c);
    }
    out.push_back('"');
  }
  return out;
}

void line(std::string& out, std::string_view name, const std::string& labels, const std::string& value) {
  out.append(name);
  if (!labels.empty()) out.append("{").append(labels).append("}");
  out.append(" ").append(value).append("\n");
}

void render_histogram(std::string& out, const std::string& name, const std::string& labels, const histogram& h) {
  const std::string prefix = labels.empty() ? "" : labels + ",";
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < h.counts().size(); ++i) {
    seen += h.counts()[i];
    const std::string bound = i < h.bounds().size() ? number(h.bounds()[i]) : "+Inf";
    line(out, name + "_bucket", prefix + "le=\"" + bound + "\"", std::to_string(seen));
  }
  line(out, name + "_sum", labels, number(h.sum()));
  line(out, name + "_count", labels, std::to_string(seen));
}

}  // namespace

histogram::histogram(std::vector<double> upper_bounds)
    : bounds_(std::move(upper_bounds)), counts_(bounds_.size() + 1, 0) {}

void histogram::observe(double value) {
  const auto bound = std::lower_bound(bounds_.begin(), bounds_.end(), value);
  ++counts_[static_cast<std::size_t>(bound - bounds_.begin())];
  sum_ += value;
}

std::vector<double> latency_buckets() {
  return {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
}

metrics::family& metrics::family_of(std::string_view name, std::string_view help, std::string_view type) {
  family& found = families_.try_emplace(std::string(name)).first->second;
  found.help = help;
  found.type = type;
  return found;
}

counter& metrics::make_counter(std::string_view name, std::string_view help, const metric_labels& labels) {
  counter& made = counters_.emplace_back();
  family_of(name, help, "counter").counters.push_back({rendered(labels), &made});
  return made;
}

gauge& metrics::make_gauge(std::string_view name, std::string_view help, const metric_labels& labels) {
  gauge& made = gauges_.emplace_back();
  family_of(name, help, "gauge").gauges.push_back({rendered(labels), &made});
  return made;
}

histogram& metrics::make_histogram(std::string_view name, std::string_view help, const metric_labels& labels,
                                   std::vector<double> bounds) {
  histogram& made = histograms_.emplace_back(std::move(bounds));
  family_of(name, help, "histogram").histograms.push_back({rendered(labels), &made});
  return made;
}

std::string metrics::render() const {
  std::string out;
  for (const auto& [name, f] : families_) {
    out.append("# HELP ").append(name).append(" ").append(f.help).append("\n");
    out.append("# TYPE ").append(name).append(" ").append(f.type).append("\n");
    for (const auto& s : f.counters)
      line(out, name, s.labels, number(s.metric->value()));
    for (const auto& s : f.gauges)
      line(out, name, s.labels, number(s.metric->value()));
    for (const auto& s : f.histograms)
      render_histogram(out, name, s.labels, *s.metric);
  }
  return out;
}

}  // namespace mooring
