// Replays a transcript of tests/transcripts: its commands go to a simulated node, and what the failover machine does is
// written between them. tests/transcripts/README.md explains the format.
#pragma once

#include <algorithm>
#include <iomanip>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "mooring/base/duration_text.hpp"
#include "region_world.hpp"

namespace mooring::test {

class region_story {
 public:
  // The transcript with the lines of output as they are now. Throws for a line that is no command.
  static std::string replay(std::string_view transcript) {
    region_story story;
    std::istringstream in{std::string(transcript)};
    std::size_t number = 0;
    for (std::string line; std::getline(in, line);) {
      ++number;
      if (line.starts_with(' ')) continue;
      try {
        story.obey(line);
      } catch (const std::exception& wrong) {
        throw std::runtime_error("line " + std::to_string(number) + ": \"" + line + "\": " + wrong.what());
      }
    }
    return story.out_.str();
  }

 private:
  region_story() : world_(two_regions(), true) {
    world_.on_step = [this](const region_world::seen_step& step) { tell(step); };
  }

  static region_settings two_regions() {
    region_settings out;
    out.secondary = "eu-west-1";
    return out;
  }

  void obey(const std::string& line) {
    if (line.empty() || line.starts_with('#')) {
      out_ << line << "\n";
      return;
    }
    std::istringstream words(line);
    std::string first;
    words >> first;
    if (const auto when = parse_duration(first)) {
      if (*when < world_.now_ms()) throw std::runtime_error("time goes back");
      world_.run_until(*when);
      out_ << line << "\n";
      act(words);
      return;
    }
    out_ << line << "\n";
    if (first != "setting") throw std::runtime_error("a line begins with a time such as 90s, with #, or with setting");
    configure(words);
  }

  static std::string rest_of(std::istringstream& words) {
    std::string rest;
    std::getline(words >> std::ws, rest);
    return rest;
  }

  // setting KEY = VALUE, as in the section [region] of the configuration
  void configure(std::istringstream& words) {
    std::string key;
    words >> key;
    settings_[key] = rest_of(words);
    std::string toml = "[region]\n";
    for (const auto& [name, value] : settings_)
      toml.append(name).append(" ").append(value).append("\n");
    const auto nothing = [](const std::string&) { return std::optional<std::string>(); };
    const auto loaded = load_settings_from_text(toml, nothing);
    if (!loaded.faults.empty()) throw std::runtime_error(loaded.faults.front());
    world_.rules() = loaded.values.region;
  }

  void act(std::istringstream& words) {
    std::string verb;
    words >> verb;
    if (verb == "start") return start();
    if (verb == "kill") return world_.kill();
    if (verb == "reboot") return world_.reboot();
    if (verb == "end") return;
    if (verb == "wall") return set_wall_clock(words);
    if (verb == "lose") return lose(rest_of(words));
    if (verb == "probing") {
      world_.probing = rest_of(words) != "stops";
      return;
    }
    if (verb == "saving") {
      world_.saving_works = rest_of(words) != "fails";
      return;
    }
    if (verb == "publication") return set_publication(rest_of(words));
    if (verb == "pin") return pin(words);
    if (verb == "unpin") return world_.feed(sidecar::unpin_request());
    if (verb == "drill") return drill(words);
    if (verb == "undrill") return world_.feed(sidecar::undrill_request());
    if (verb == "probe") return probe(words);
    set_weather(verb, words);
  }

  void start() {
    told_warnings_.clear();
    told_reason_.clear();
    world_.start();
  }

  void set_wall_clock(std::istringstream& words) {
    std::string by;
    words >> by;
    const auto amount = parse_duration(std::string_view(by).substr(1));
    if (!amount || (by[0] != '+' && by[0] != '-')) throw std::runtime_error("write wall +20m or wall -3h");
    const auto whole = std::chrono::duration_cast<std::chrono::seconds>(*amount);
    world_.wall_offset += by[0] == '+' ? whole : -whole;
  }

  void lose(const std::string& what) {
    if (what == "memory")
      world_.memory() = sidecar::machine_state();
    else if (what == "region file")
      world_.file().reset();
    else
      throw std::runtime_error("write lose memory or lose region file");
  }

  void set_publication(const std::string& fate) {
    if (fate == "works")
      world_.publishing = publication_fate::works;
    else if (fate == "fails")
      world_.publishing = publication_fate::fails;
    else if (fate == "dies before the file")
      world_.publishing = publication_fate::dies_before_the_file;
    else if (fate == "dies after the file")
      world_.publishing = publication_fate::dies_after_the_file;
    else
      throw std::runtime_error("a publication works, fails, dies before the file or dies after the file");
  }

  // pin REGION for TTL: REASON
  void pin(std::istringstream& words) {
    sidecar::pin_request wanted;
    std::string for_word;
    std::string ttl;
    words >> wanted.region >> for_word;
    std::getline(words >> std::ws, ttl, ':');
    const auto parsed = parse_duration(ttl);
    if (for_word != "for" || !parsed) throw std::runtime_error("write pin REGION for 1h: REASON");
    wanted.ttl = *parsed;
    wanted.reason = rest_of(words);
    world_.feed(wanted);
  }

  // drill REGION for TTL
  void drill(std::istringstream& words) {
    sidecar::drill_request wanted;
    std::string for_word;
    words >> wanted.region >> for_word;
    const auto parsed = parse_duration(rest_of(words));
    if (for_word != "for" || !parsed) throw std::runtime_error("write drill REGION for 30s");
    wanted.ttl = *parsed;
    world_.feed(wanted);
  }

  // probe REGION CLASS CONNECTION: REASON
  void probe(std::istringstream& words) {
    std::string region;
    std::string found;
    std::string connection;
    words >> region >> found;
    std::getline(words >> std::ws, connection, ':');
    sidecar::probe_outcome seen;
    seen.region = region == world_.rules().primary ? sidecar::region_rank::primary : sidecar::region_rank::secondary;
    const std::array classes{sidecar::failure_class::none,          sidecar::failure_class::down,
                             sidecar::failure_class::timed_out,     sidecar::failure_class::overload,
                             sidecar::failure_class::configuration, sidecar::failure_class::clock,
                             sidecar::failure_class::no_network};
    const auto meant = std::find_if(classes.begin(), classes.end(), [&](auto c) { return name_of(c) == found; });
    if (meant == classes.end()) throw std::runtime_error("no class of a probe is called " + found);
    seen.found = *meant;
    seen.connection = connection == "fresh" ? sidecar::connection_kind::fresh : sidecar::connection_kind::kept_alive;
    seen.begun = world_.now().steady;
    seen.reason = rest_of(words);
    world_.feed(seen);
  }

  // TARGET KIND [N of M]
  void set_weather(const std::string& target, std::istringstream& words) {
    std::string kind;
    words >> kind;
    weather made;
    const auto named = weather_named(kind);
    if (!named) throw std::runtime_error("no such command, and no weather is called " + kind);
    made.kind = *named;
    std::string of;
    if (words >> made.strikes && !(words >> of >> made.of && of == "of")) throw std::runtime_error("write 2 of 5");
    if (made.of == 1) made.strikes = 1;
    const region_settings& rules = world_.rules();
    std::map<std::string, std::vector<region_world::target>> places{
        {rules.primary, {region_world::primary}},
        {rules.secondary, {region_world::secondary}},
        {"both", {region_world::primary, region_world::secondary}},
        {"control", {region_world::control}},
        {"control2", {region_world::second_control}},
        {"everything",
         {region_world::primary, region_world::secondary, region_world::control, region_world::second_control}}};
    const auto meant = places.find(target);
    if (meant == places.end()) throw std::runtime_error("no such command, region or host: " + target);
    for (const region_world::target place : meant->second)
      world_.sky[place] = made;
  }

  void tell(const region_world::seen_step& step) {
    if (step.actions.refused) line("refused: " + *step.actions.refused);
    if (step.actions.publish) tell_publication(*step.actions.publish);
    tell_warnings(world_.machine().warnings());
  }

  void tell_publication(const sidecar::region_publication& made) {
    const region_state& state = made.state;
    std::string text =
        "epoch " + std::to_string(state.epoch) + "  " + std::string(name_of(state.mode)) + " on " + state.active + " (";
    for (const auto& [name, standing] : state.regions)
      text += (text.ends_with("(") ? "" : ", ") + name + " " + std::string(name_of(standing.state));
    text += ")";
    if (state.avoided) text += " avoids " + state.avoided->region;
    line(text);
    if (state.reason != told_reason_) line("  " + state.reason);
    told_reason_ = state.reason;
    if (made.move)
      line("  MOVE " + made.move->from + " -> " + made.move->to + ", first in epoch " +
           std::to_string(made.move->epoch));
  }

  void tell_warnings(const std::vector<std::string>& warnings) {
    const auto among = [](const std::vector<std::string>& all, const std::string& one) {
      return std::find(all.begin(), all.end(), one) != all.end();
    };
    for (const auto& warning : warnings)
      if (!among(told_warnings_, warning)) line("warning: " + warning);
    for (const auto& warning : told_warnings_)
      if (!among(warnings, warning)) line("no more: " + warning);
    told_warnings_ = warnings;
  }

  void line(const std::string& text) {
    std::ostringstream time;
    time << world_.now_ms().count() / 1000 << "." << std::setfill('0') << std::setw(3) << world_.now_ms().count() % 1000
         << "s";
    out_ << std::setw(14) << time.str() << "  " << text << "\n";
  }

  region_world world_;
  std::map<std::string, std::string> settings_{{"secondary", "= \"eu-west-1\""}};
  std::string told_reason_;
  std::vector<std::string> told_warnings_;
  std::ostringstream out_;
};

}  // namespace mooring::test
