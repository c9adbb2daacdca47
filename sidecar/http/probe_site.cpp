#include "probe_site.hpp"

#include "routes.hpp"

namespace mooring::sidecar {
namespace {

// Paths come from strangers: only those we serve become labels.
std::string_view label_of(std::string_view path) {
  for (const route& r : probe_routes)
    if (r.path == path) return r.path;
  return path.rfind(region_path, 0) == 0 ? region_path : "other";
}

}  // namespace

probe_site::probe_site(const status_board& board, metrics& registry, region_question is_active)
    : board_(board),
      registry_(registry),
      is_active_(std::move(is_active)),
      health_{health_page(verdict_kind::pass), health_page(verdict_kind::warn), health_page(verdict_kind::fail),
              health_page(verdict_kind::starting), health_page(verdict_kind::draining)},
      alive_(health_page(verdict_kind::pass)),
      not_active_(health_page(verdict_kind::fail)),
      not_found_(refusal_page(404, "")),
      not_allowed_(refusal_page(405, allowed_methods)) {}

std::string probe_site::answer(const http_question& question) {
  const page& chosen = choose(question);
  count(label_of(question.path), chosen.status());
  return chosen.bytes(question);
}

const page& probe_site::choose(const http_question& question) const {
  const bool about_region = question.path.rfind(region_path, 0) == 0;
  const auto target = about_region ? resource::region : find_route(probe_routes, question.path);
  if (!target) return not_found_;
  if (question.method == http_method::other) return not_allowed_;
  if (*target == resource::liveness) return alive_;
  if (about_region) return is_active_(question.path.substr(region_path.size())) ? alive_ : not_active_;
  return health_[static_cast<std::size_t>(board_.current().kind)];
}

std::string probe_site::refuse(unsigned status) {
  count("other", status);
  http_question last;
  last.keep_alive = false;
  return refusal_page(status, "").bytes(last);
}

void probe_site::count(std::string_view path, unsigned status) {
  counter*& found = probes_[{path, status}];
  if (found == nullptr)
    found = &registry_.make_counter("mooring_sidecar_probes_total", "Requests on the public listener.",
                                    {{"path", std::string(path)}, {"status", std::to_string(status)}});
  found->add();
}

}  // namespace mooring::sidecar
