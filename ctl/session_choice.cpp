#include "ctl/session_choice.hpp"

#include "sessiond/store/item_schema.hpp"

namespace mooring::ctl {
namespace {

constexpr const char* from_input = "-";

// Longer than any id, so that one that is too long is refused as such.
constexpr std::size_t longest_line = sessiond::max_id_bytes + 1;

std::string first_line(std::istream& input) {
  std::string out;
  for (char c = 0; out.size() < longest_line && input.get(c) && c != '\n';)
    out.push_back(c);
  if (!out.empty() && out.back() == '\r') out.pop_back();
  return out;
}

}  // namespace

result<session_choice> choose_session(const settings& config, const session_words& words, std::istream& input) {
  session_choice out;
  const std::string id = words.id == from_input ? first_line(input) : words.id;
  out.knows_id = words.key.empty();
  const sessiond::key_form form = sessiond::key_form_of(config.sessions);
  auto key =
      out.knows_id ? sessiond::session_key(words.name, id, form) : sessiond::checked_session_key(words.key, form);
  if (!key) return key.error();
  out.key = std::move(*key);
  out.command_words = out.knows_id ? std::vector<std::string>{words.name, id} : std::vector<std::string>{out.key};
  return out;
}

get_request item_request(const settings& config, const session_choice& session) {
  get_request out;
  out.table = config.dynamodb.table;
  out.key.emplace(config.dynamodb.names.partition_key, attribute::text(session.key));
  return out;
}

}  // namespace mooring::ctl
