#include "admin_site.hpp"

#include "routes.hpp"
#include "status_json.hpp"
#include "status_page.hpp"

namespace mooring::sidecar {

admin_site::admin_site(const node_status& node, const clock& time, const metrics& registry,
                       std::function<std::string()> more_metrics)
    : node_(node), time_(time), registry_(registry), more_metrics_(std::move(more_metrics)) {}

std::string admin_site::answer(const http_question& question) {
  const auto target = find_route(admin_routes, question.path);
  if (!target) return refusal_page(404, "").bytes(question);
  if (question.method == http_method::other) return refusal_page(405, allowed_methods).bytes(question);
  answer_content content;
  std::string body;
  switch (*target) {
    case resource::metrics:
      content.type = "text/plain; version=0.0.4; charset=utf-8";
      body = registry_.render() + more_metrics_();
      break;
    case resource::status_json:
      content.status = in_service(node_.board.current().kind) ? 200 : 503;
      content.type = "application/health+json";
      body = status_json(node_);
      break;
    case resource::status_page:
      content.type = "text/html; charset=utf-8";
      content.extra_headers = status_page_headers;
      body = status_page(node_, time_.wall());
      break;
    default:
      content.status = 302;
      content.extra_headers = "Location: /status\r\n";
      break;
  }
  content.body = body;
  return render_answer(content, question);
}

std::string admin_site::refuse(unsigned status) {
  http_question last;
  last.keep_alive = false;
  return refusal_page(status, "").bytes(last);
}

}  // namespace mooring::sidecar
