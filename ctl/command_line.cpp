#include "ctl/command_line.hpp"

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "ctl/drill_run.hpp"
#include "mooring/base/duration_text.hpp"
#include "mooring/settings/daemon_options.hpp"

namespace mooring::ctl {
namespace {

constexpr const char* show_help = "Exit code: 0 it lives, 1 there is none, 2 that cannot be told.\n";
constexpr const char* destroy_help = "Exit code: 0 it was destroyed, 1 there was none, 2 it may still be there.\n";
constexpr const char* id_help =
    "An id on the command line is seen in ps and stays in the shell's history. With - it is read from standard input:\n"
    "  mooringctl session show PHPSESSID -\n"
    "Write -- before an id that begins with a dash.";
constexpr const char* create_help =
    "Adds what is missing, and says what is there. The key and the billing of a table are never changed.\n"
    "Exit code: 0 the table is ready, 1 it is not, 2 wrong arguments.\n"
    "The AWS keys need deploy/iam-policy-table-create.json.";
constexpr const char* verify_help =
    "Changes nothing. Each line is ok, warn or FAIL, with the command that helps.\n"
    "Exit code: 0 fit for sessions, 1 not, 2 a region cannot be asked.";

constexpr const char* region_help =
    "Exit code: 0 nothing is wrong with the region in use, 1 something is, 2 that cannot be told.";
constexpr const char* order_help =
    "Goes over the sidecar's socket for operators (sidecar.control), which only its owner may use: root.\n"
    "Exit code: 0 done, 1 the sidecar refuses, 2 it cannot be asked.";

constexpr const char* drill_help =
    "Nothing is sent to the region meanwhile, by the sidecar and by sessiond; the node moves to the other one as in a\n"
    "failure, and back after region.failback_hold. Fleet hooks do not run. Ctrl-C ends it.\n"
    "Exit code: 0 nothing failed and nothing was lost, 1 something did or the region was not left, 2 no drill.";

constexpr std::int64_t most_units = 1'000'000;
constexpr std::int64_t longest_wait = 24 * 3600;

using chosen_command = std::function<int(toolbox&)>;

// The options of one command are kept as long as the command may be called.
template <class Options>
std::shared_ptr<Options> options_of(CLI::App* at, chosen_command& chosen, int (*command)(toolbox&, const Options&)) {
  auto options = std::make_shared<Options>();
  at->callback([&chosen, command, options] {
    chosen = [command, options](toolbox& tools) { return command(tools, *options); };
  });
  return options;
}

void offer(CLI::App* at, chosen_command& chosen, int (*command)(toolbox&)) {
  at->callback([&chosen, command] { chosen = command; });
}

// A command whose one option is --json.
CLI::App* offer_json(CLI::App* at, chosen_command& chosen, int (*command)(toolbox&, bool)) {
  auto as_json = std::make_shared<bool>(false);
  at->add_flag("--json", *as_json, "One line of JSON");
  at->callback([&chosen, command, as_json] {
    chosen = [command, as_json](toolbox& tools) { return command(tools, *as_json); };
  });
  return at;
}

void check_session(const session_words& words) {
  const bool by_id = !words.name.empty() || !words.id.empty();
  if (by_id == !words.key.empty() || words.name.empty() != words.id.empty())
    throw CLI::ValidationError("session", "give its NAME and its ID, or its --key");
}

std::shared_ptr<session_options> offer_session(CLI::App* at, chosen_command& chosen,
                                               int (*command)(toolbox&, const session_options&)) {
  auto options = options_of(at, chosen, command);
  session_words& words = options->session;
  at->add_option("NAME", words.name, "The session's name, PHP's session_name(); PHPSESSID as a rule")->type_name("");
  at->add_option("ID", words.id, "The session's id, from the visitor's cookie; or -")->type_name("");
  at->add_option("--key", words.key, "Instead of NAME and ID, the key as it stands in the table")->type_name("KEY");
  at->add_flag("--json", options->json, "One line of JSON");
  at->parse_complete_callback([options] { check_session(options->session); });
  return options;
}

void offer_sessions(CLI::App& root, chosen_command& chosen) {
  auto* session = root.add_subcommand("session", "One visitor's session")->require_subcommand(1);
  auto* show = session->add_subcommand("show", "What is stored of a session; takes no lock and changes nothing");
  auto options = offer_session(show, chosen, session_show);
  show->add_flag("--data", options->with_data, "The data, too, which may hold secrets; needs NAME and ID");
  show->footer(std::string(show_help) + id_help);
  auto* destroy = session->add_subcommand(
      "destroy", "Remove a session, as logging out does; a page that has it open cannot store it again");
  offer_session(destroy, chosen, session_destroy);
  destroy->footer(std::string(destroy_help) + id_help);
}

void check_creation(const table_create_options& options) {
  if (options.no_replica && !options.replica.empty())
    throw CLI::ValidationError("table create", "--replica and --no-replica exclude each other");
  const bool has_units = options.read_units > 0 || options.write_units > 0;
  const bool has_both = options.read_units > 0 && options.write_units > 0;
  if (options.billing == "provisioned" && !has_both)
    throw CLI::ValidationError("--billing provisioned", "needs --read-units and --write-units");
  if (options.billing != "provisioned" && has_units)
    throw CLI::ValidationError("--read-units and --write-units", "go with --billing provisioned");
}

void offer_table_create(CLI::App* at, chosen_command& chosen) {
  auto options = options_of<table_create_options>(at, chosen, table_create);
  at->add_option("--replica", options->replica,
                 "A second region, made a replica (a global table); else region.secondary")
      ->type_name("REGION");
  at->add_flag("--no-replica", options->no_replica, "No replica, although region.secondary is set");
  at->add_option("--billing", options->billing, "Of a new table: on-demand (default) or provisioned")
      ->check(CLI::IsMember({"on-demand", "provisioned"}))
      ->type_name("MODE");
  const auto units = CLI::Range(std::int64_t{1}, most_units);
  at->add_option("--read-units", options->read_units, "Of a provisioned table, a second")->check(units)->type_name("N");
  at->add_option("--write-units", options->write_units, "The same")->check(units)->type_name("N");
  at->add_option("--wait", options->wait_seconds, "For how long; a replica of a large table takes its time")
      ->check(CLI::Range(std::int64_t{1}, longest_wait))
      ->type_name("SECONDS")
      ->capture_default_str();
  at->parse_complete_callback([options] { check_creation(*options); });
  at->footer(create_help);
}

void offer_tables(CLI::App& root, chosen_command& chosen) {
  auto* table = root.add_subcommand("table", "The DynamoDB table of the sessions")->require_subcommand(1);
  offer_table_create(table->add_subcommand("create", "Create the session table, with TTL and a replica"), chosen);
  auto* verify = table->add_subcommand("verify", "Is the table fit for sessions, in each region?");
  offer_json(verify, chosen, table_verify)->footer(verify_help);
}

// A time such as 30s or 1h in whole seconds.
void offer_duration(CLI::App* at, const std::string& name, milliseconds& into, const std::string& what) {
  const auto take = [&into, name](const CLI::results_t& words) {
    const auto time = parse_duration(words.front());
    if (!time || time->count() == 0 || time->count() % 1000 != 0)
      throw CLI::ValidationError(name, "write whole seconds, minutes or hours: 30s, 10m, 1h");
    into = *time;
    return true;
  };
  at->add_option(name, take, what + " (" + format_duration(into) + ")")->type_name("TIME");
}

void offer_order(CLI::App* at, chosen_command& chosen, int (*command)(toolbox&)) {
  offer(at, chosen, command);
  at->footer(order_help);
}

void offer_regions(CLI::App& root, chosen_command& chosen) {
  auto* region = root.add_subcommand("region", "The region that this node uses")->require_subcommand(1);
  offer_json(region->add_subcommand("status", "Which region is used, and why"), chosen, region_status)
      ->footer(region_help);
  auto* pin = region->add_subcommand("pin", "Use a region, whatever its health");
  auto options = options_of(pin, chosen, region_pin);
  pin->add_option("REGION", options->region, "The region to use")->required()->type_name("");
  offer_duration(pin, "--for", options->time, "For how long, a week at most");
  pin->add_option("--reason", options->reason, "Why; shown wherever the region is")->required()->type_name("TEXT");
  pin->footer(order_help);
  offer_order(region->add_subcommand("unpin", "Let the sidecar choose the region again"), chosen, region_unpin);
}

void offer_drains(CLI::App& root, chosen_command& chosen) {
  offer_order(root.add_subcommand("drain", "Take this node out of service: load balancers get 503"), chosen, drain);
  offer_order(root.add_subcommand("undrain", "Back into service"), chosen, undrain);
}

void check_drill(const drill_options& options) {
  if (options.time > longest_drill)
    throw CLI::ValidationError("--for", "a drill lasts " + format_duration(longest_drill) + " at most");
}

void offer_drill(CLI::App& root, chosen_command& chosen) {
  auto* at = root.add_subcommand("drill", "Let a region count as failed on this node, and see what visitors would");
  auto options = options_of(at, chosen, drill);
  at->add_option("--region", options->region, "The region; else the one in use")->type_name("REGION");
  offer_duration(at, "--for", options->time, "For how long, an hour at most");
  at->add_option("--sessions", options->sessions, "Sessions of the drill's own")
      ->check(CLI::Range(std::int64_t{1}, max_drill_sessions))
      ->type_name("N")
      ->capture_default_str();
  at->add_option("--rate", options->rate, "How many of them are opened and stored each second")
      ->check(CLI::Range(std::int64_t{1}, max_drill_rate))
      ->type_name("N")
      ->capture_default_str();
  at->add_flag("--wait-back", options->wait_back, "Go on until the region is used again (region.failback_hold)");
  at->add_flag("--json", options->json, "One line of JSON");
  at->add_flag("--yes", options->yes, "Do not ask");
  at->add_flag("--end", options->end, "Only end the drill that runs");
  at->parse_complete_callback([options] { check_drill(*options); });
  at->footer(drill_help);
}

}  // namespace

std::variant<command_line, int> read_command_line(int argc, const char* const* argv) {
  CLI::App root("The operator's hand on mooring-sidecar and mooring-sessiond", "mooringctl");
  root.require_subcommand(1);
  root.fallthrough();
  root.set_version_flag("--version", "mooringctl " MOORING_VERSION);
  command_line out;
  out.config_path = default_config_path;
  const auto* config = root.add_option("--config", out.config_path, "The TOML file to read")->capture_default_str();
  offer(root.add_subcommand("status", "What the two daemons on this node say of themselves"), out.command, status);
  offer(root.add_subcommand("doctor", "Find what is wrong with this node, and what to do"), out.command, doctor);
  offer_regions(root, out.command);
  offer_drains(root, out.command);
  offer_drill(root, out.command);
  offer_sessions(root, out.command);
  offer_tables(root, out.command);
  try {
    root.parse(argc, argv);
  } catch (const CLI::Success& done) {
    return root.exit(done);
  } catch (const CLI::ParseError& wrong) {
    std::cerr << "mooringctl: " << wrong.what() << "; see mooringctl --help\n";
    return exit_usage;
  }
  out.config_may_be_absent = config->count() == 0;
  return out;
}

}  // namespace mooring::ctl
