// Which session a command is about, and how sessiond and the table are asked for it.
#pragma once

#include <istream>
#include <string>
#include <vector>

#include "mooring/aws/dynamo_types.hpp"
#include "mooring/base/error.hpp"
#include "mooring/settings/settings.hpp"

namespace mooring::ctl {

// As it was typed: a name and an id, or a key.
struct session_words {
  std::string name;
  std::string id;  // "-": the first line of the input
  std::string key;
};

struct session_choice {
  std::string key;                         // in the table
  std::vector<std::string> command_words;  // for sessiond, after the command's name: the name and the id, or the key
  bool knows_id = false;                   // the data is given to those only who know the id
};

// errc::invalid_argument, without the id in its text, when no session can have that id or key.
result<session_choice> choose_session(const settings& config, const session_words& words, std::istream& input);

// The item of the session, whole and as written last.
get_request item_request(const settings& config, const session_choice& session);

}  // namespace mooring::ctl
