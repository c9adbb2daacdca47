#include "page.hpp"

namespace mooring::sidecar {
namespace {

std::string_view phrase_of(unsigned status) {
  switch (status) {
    case 200:
      return "OK";
    case 302:
      return "Found";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 413:
      return "Content Too Large";
    case 431:
      return "Request Header Fields Too Large";
    case 503:
      return "Service Unavailable";
    default:
      return "Unknown";
  }
}

std::string_view refusal_word(unsigned status) {
  switch (status) {
    case 404:
      return "NOTFOUND\n";
    case 405:
      return "NOTALLOWED\n";
    case 408:
      return "TIMEOUT\n";
    case 413:
    case 431:
      return "TOOLARGE\n";
    default:
      return "BAD\n";
  }
}

std::string_view health_word(verdict_kind kind) {
  switch (kind) {
    case verdict_kind::pass:
    case verdict_kind::warn:
      return "OK\n";
    case verdict_kind::fail:
      return "FAIL\n";
    case verdict_kind::starting:
      return "STARTING\n";
    case verdict_kind::draining:
      return "DRAINING\n";
  }
  return "FAIL\n";
}

std::size_t form_of(const http_question& q) {
  return (q.http_1_1 ? 1U : 0U) | (q.keep_alive ? 2U : 0U) | (q.method == http_method::head ? 4U : 0U);
}

http_question question_of_form(std::size_t form) {
  http_question q;
  q.http_1_1 = (form & 1U) != 0;
  q.keep_alive = (form & 2U) != 0;
  q.method = (form & 4U) != 0 ? http_method::head : http_method::get;
  return q;
}

}  // namespace

std::string render_answer(const answer_content& content, const http_question& question) {
  std::string out = question.http_1_1 ? "HTTP/1.1 " : "HTTP/1.0 ";
  out.append(std::to_string(content.status)).append(" ").append(phrase_of(content.status));
  out.append("\r\nContent-Type: ").append(content.type);
  out.append("\r\nContent-Length: ").append(std::to_string(content.body.size()));
  out.append("\r\nCache-Control: no-store\r\n").append(content.extra_headers);
  out.append(question.keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n");
  if (question.method != http_method::head) out.append(content.body);
  return out;
}

page::page(const answer_content& content) : status_(content.status) {
  for (std::size_t form = 0; form < forms_.size(); ++form)
    forms_[form] = render_answer(content, question_of_form(form));
}

const std::string& page::bytes(const http_question& question) const {
  return forms_[form_of(question)];
}

page health_page(verdict_kind kind) {
  answer_content content;
  content.status = in_service(kind) ? 200 : 503;
  content.body = health_word(kind);
  return page(content);
}

page refusal_page(unsigned status, std::string_view allow) {
  const std::string allow_line = status == 405 ? "Allow: " + std::string(allow) + "\r\n" : "";
  answer_content content;
  content.status = status;
  content.extra_headers = allow_line;
  content.body = refusal_word(status);
  return page(content);
}

}  // namespace mooring::sidecar
