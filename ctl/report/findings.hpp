// What an examination found, line by line, for people and for machines. Pure.
//
//   ok    us-east-1 key: session_id (S) alone
//   FAIL  us-east-1 ttl: is off; run mooringctl table create
//
// `unknown` is printed as FAIL, too: what could not be looked at is not well. But it is another exit code.
#pragma once

#include <string>
#include <vector>

namespace mooring::ctl {

enum class finding_level { ok, warn, fail, unknown };

struct finding {
  finding_level level = finding_level::ok;
  std::string region;
  std::string about;   // one word or two: "key", "replica"
  std::string what;    // as it is
  std::string remedy;  // what to do, or could do; may be empty
};

using findings = std::vector<finding>;

// The worst of them; ok when there are none. A fault that is seen weighs more than one that may be.
finding_level worst_of(const findings& all);

// 0: ok or warn; 1: fail; 2: unknown.
int exit_code_of(const findings& all);

std::string name_of(finding_level level);     // "ok", "warn", "fail", "unknown"
std::string line_of(const finding& one);      // without line end
std::string sentence_of(const finding& one);  // "what; remedy"

}  // namespace mooring::ctl
