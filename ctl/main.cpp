#include <curl/curl.h>

#include <CLI/CLI.hpp>
#include <iostream>

#include "ctl/commands.hpp"
#include "mooring/settings/daemon_options.hpp"

namespace {

using mooring::ctl::toolbox;
using command = int (*)(toolbox&);

int run(command chosen, const std::string& config_path, bool may_be_absent) {
  auto loaded = mooring::load_settings(config_path, may_be_absent, mooring::process_environment());
  for (const auto& fault : loaded.faults)
    std::cerr << fault << "\n";
  if (!loaded.faults.empty()) return mooring::exit_usage;
  curl_global_init(CURL_GLOBAL_DEFAULT);
  toolbox tools(std::move(loaded.values));
  return chosen(tools);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App options("The operator's hand on mooring-sidecar and mooring-sessiond", "mooringctl");
  options.require_subcommand(1);
  options.fallthrough();
  options.set_version_flag("--version", "mooringctl " MOORING_VERSION);
  std::string path = mooring::default_config_path;
  const auto* config = options.add_option("--config", path, "The TOML file to read")->capture_default_str();
  command chosen = nullptr;
  const auto offer = [&chosen](CLI::App* at, command which) { at->callback([&chosen, which] { chosen = which; }); };
  offer(options.add_subcommand("status", "What the two daemons on this node say of themselves"), mooring::ctl::status);
  offer(options.add_subcommand("doctor", "Find what is wrong with this node, and what to do"), mooring::ctl::doctor);
  auto* table = options.add_subcommand("table", "The DynamoDB table")->require_subcommand(1);
  offer(table->add_subcommand("create", "Create the session table with TTL; does only what is missing"),
        mooring::ctl::table_create);
  try {
    options.parse(argc, argv);
  } catch (const CLI::Success& done) {
    return options.exit(done);
  } catch (const CLI::ParseError& wrong) {
    std::cerr << "mooringctl: " << wrong.what() << "; see mooringctl --help\n";
    return mooring::exit_usage;
  }
  return run(chosen, path, config->count() == 0);
}
