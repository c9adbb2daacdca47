#include "command_line.hpp"

namespace mooring {
namespace {

class splitter {
 public:
  explicit splitter(std::string_view line) : line_(line) {}

  result<std::vector<std::string>> split() {
    for (at_ = 0; at_ < line_.size(); ++at_)
      if (!take(line_[at_])) return bad("a backslash at its end");
    if (quote_ != '\0') return bad("a quote that is not closed");
    end_word();
    if (words_.empty() || words_.front().empty()) return bad("no program");
    return std::move(words_);
  }

 private:
  static error bad(const char* what) { return error(errc::misconfigured, std::string("the command line has ") + what); }

  bool take(char c) {
    if (quote_ == '\'') return plain_unless_quote(c);
    if (c == '\\') return escape();
    if (quote_ == '"') return plain_unless_quote(c);
    if (c == '"' || c == '\'') {
      quote_ = c;
      in_word_ = true;
    } else if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      end_word();
    } else {
      add(c);
    }
    return true;
  }

  bool plain_unless_quote(char c) {
    if (c == quote_)
      quote_ = '\0';
    else
      add(c);
    return true;
  }

  bool escape() {
    if (at_ + 1 == line_.size()) return false;
    const char next = line_[++at_];
    // Within double quotes a backslash stays before signs that need none.
    if (quote_ == '"' && next != '"' && next != '\\') add('\\');
    add(next);
    return true;
  }

  void add(char c) {
    word_.push_back(c);
    in_word_ = true;
  }

  void end_word() {
    if (in_word_) words_.push_back(std::move(word_));
    word_.clear();
    in_word_ = false;
  }

  std::string_view line_;
  std::size_t at_ = 0;
  char quote_ = '\0';
  bool in_word_ = false;
  std::string word_;
  std::vector<std::string> words_;
};

}  // namespace

result<std::vector<std::string>> split_command(std::string_view line) {
  if (line.find('\0') != std::string_view::npos) return error(errc::misconfigured, "the command line has a zero byte");
  return splitter(line).split();
}

}  // namespace mooring
