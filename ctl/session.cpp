#include <unistd.h>

#include <iostream>

#include "ctl/commands.hpp"
#include "ctl/daemons.hpp"
#include "ctl/report/session_report.hpp"
#include "mooring/base/json.hpp"
#include "mooring/sessiond_client/sessiond_client.hpp"
#include "sessiond/store/item_schema.hpp"
#include "sessiond/store/lease_terms.hpp"
#include "sessiond/store/version_clock.hpp"

namespace mooring::ctl {
namespace {

using namespace std::chrono_literals;

int cannot_tell(const error& failure) {
  std::cerr << "mooringctl: " << failure.detail() << "\n";
  return exit_unknown;
}

result<session_choice> chosen(toolbox& tools, const session_options& options) {
  if (options.session.id == "-" && ::isatty(STDIN_FILENO) != 0) std::cerr << "session id: ";
  return choose_session(tools.config(), options.session, std::cin);
}

result<resp_reply> ask(toolbox& tools, const std::string& command, const session_choice& session,
                       const char* last_word = nullptr) {
  std::vector<std::string> words{command};
  words.insert(words.end(), session.command_words.begin(), session.command_words.end());
  if (last_word != nullptr) words.emplace_back(last_word);
  const session_settings& config = tools.config().sessions;
  return tools.run(call_sessiond(config.socket, std::move(words), tools.in(config.deadline + time_beyond_deadline)));
}

error not_understood(const toolbox& tools) {
  return error(errc::bad_data, "mooring-sessiond on " + tools.config().sessions.socket +
                                   " gave an answer that this mooringctl does not understand; install the same "
                                   "version of both");
}

// A read that takes no lock; with the key alone, which opens no session, only whether it lives.
result<void> ask_whether_it_lives(toolbox& tools, const session_choice& session, session_facts& out) {
  const auto reply =
      session.knows_id ? ask(tools, "SESSION.OPEN", session, "READONLY") : ask(tools, "SESSION.EXISTS", session);
  if (!reply) return reply.error();
  if (!session.knows_id && reply->type == resp_reply::kind::integer) {
    out.live = reply->number == 1;
    return {};
  }
  const bool opened = session.knows_id && reply->type == resp_reply::kind::array && reply->elements.size() == 2;
  if (!opened) return not_understood(tools);
  const resp_reply& data = reply->elements.back();
  out.live = data.type == resp_reply::kind::bulk;
  if (out.live) out.data = data.text;
  return {};
}

stored_facts facts_of(const item& stored, const session_settings& config, const std::string& region) {
  const auto schema = sessiond::make_item_schema(config);
  item_names names;
  names.expires = schema->names().ttl_attribute;
  if (config.schema == "aws-sdk-php") names.data = config.sdk.data_attribute;
  stored_facts out = facts_in(stored, names);
  const sessiond::session_version version = schema->version_in(stored);
  if (version != sessiond::no_version) out.version = version;
  // Another one stands for data that was written without minding the version.
  if (number_in(stored, "ver") == version) out.version_seconds = unix_seconds(sessiond::time_of(version));
  out.other_program_has_lock = schema->lock_mark(stored).has_value();
  const sessiond::lease_terms own(sessiond::node_identity(config.socket), region, config.lease);
  out.lease_holder = own.holder_in(stored);
  return out;
}

// The table of the region that sessions are in now.
void ask_table(toolbox& tools, const session_choice& session, session_facts& out) {
  const auto info = tools.run(ask_sessiond(tools.config().sessions.socket, tools.in(patience)));
  if (!info) {
    out.not_known_because = info.error().detail();
    return;
  }
  out.region = info_value(*info, "region_in_use").value_or(tools.config().region.primary);
  dynamo_client& client = tools.dynamo(out.region);
  const auto found = tools.run(client.get(item_request(tools.config(), session), tools.in(patience)));
  out.now_ms = tools.now_ms(client.clock_correction());
  if (!found)
    out.not_known_because = found.error().detail() + "; " + remedy_for(found.error(), out.region);
  else if (*found)
    out.stored = facts_of(**found, tools.config().sessions, out.region);
}

}  // namespace

int session_show(toolbox& tools, const session_options& options) {
  const auto session = chosen(tools, options);
  if (!session) return cannot_tell(session.error());
  session_facts facts;
  facts.key = session->key;
  if (options.with_data && !session->knows_id)
    return cannot_tell(error(errc::invalid_argument, "--data needs the session's NAME and ID; a key opens no session"));
  if (const auto told = ask_whether_it_lives(tools, *session, facts); !told) return cannot_tell(told.error());
  if (tools.config().sessions.store == "dynamodb")
    ask_table(tools, *session, facts);
  else
    facts.not_known_because = "with sessions.store = \"embedded\" only sessiond has them, and does not tell";
  std::cout << (options.json ? json_of(facts, options.with_data) + "\n" : text_of(facts, options.with_data));
  return facts.live ? exit_good : exit_bad;
}

int session_destroy(toolbox& tools, const session_options& options) {
  const auto session = chosen(tools, options);
  if (!session) return cannot_tell(session.error());
  const auto reply = ask(tools, "SESSION.DESTROY", *session);
  if (!reply) return cannot_tell(reply.error());
  if (reply->type != resp_reply::kind::integer) return cannot_tell(not_understood(tools));
  const bool destroyed = reply->number == 1;
  if (options.json)
    std::cout << json_line({{"key", session->key}, {"destroyed", destroyed}}) << "\n";
  else
    std::cout << (destroyed ? "destroyed " : "there is no live session ") << session->key << "\n";
  return destroyed ? exit_good : exit_bad;
}

}  // namespace mooring::ctl
