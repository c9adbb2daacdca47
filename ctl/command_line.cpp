#include "ctl/command_line.hpp"

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "mooring/settings/daemon_options.hpp"

namespace mooring::ctl {
namespace {

constexpr const char* create_help =
    "Adds what is missing, and says what is there. The key and the billing of a table are never changed.\n"
    "Exit code: 0 the table is ready, 1 it is not, 2 wrong arguments.\n"
    "The AWS keys need deploy/iam-policy-table-create.json.";
constexpr const char* verify_help =
    "Changes nothing. Each line is ok, warn or FAIL, with the command that helps.\n"
    "Exit code: 0 fit for sessions, 1 not, 2 a region cannot be asked.";

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
  auto as_json = std::make_shared<bool>(false);
  verify->add_flag("--json", *as_json, "One line of JSON");
  verify->footer(verify_help);
  verify->callback(
      [&chosen, as_json] { chosen = [as_json](toolbox& tools) { return table_verify(tools, *as_json); }; });
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
