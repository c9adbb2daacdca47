#include "mooring/settings/daemon_options.hpp"

#include <CLI/CLI.hpp>
#include <iostream>

namespace mooring {

std::variant<settings, int> read_daemon_options(int argc, const char* const* argv, const std::string& program,
                                                const std::string& purpose) {
  CLI::App options(purpose, program);
  std::string path = default_config_path;
  bool check_only = false;
  const auto* config = options.add_option("--config", path, "The TOML file to read")->capture_default_str();
  options.add_flag("--check-config", check_only, "Report every fault in the configuration, and exit");
  options.set_version_flag("--version", program + " " MOORING_VERSION);
  options.footer("Settings: docs/configuration.md. SIGTERM drains and exits, a second one exits at once.");
  try {
    options.parse(argc, argv);
  } catch (const CLI::Success& done) {
    return options.exit(done);
  } catch (const CLI::ParseError& wrong) {
    std::cerr << program << ": " << wrong.what() << "; see " << program << " --help\n";
    return exit_usage;
  }
  auto loaded = load_settings(path, config->count() == 0, process_environment());
  for (const auto& fault : loaded.faults)
    std::cerr << fault << "\n";
  if (!loaded.faults.empty()) return exit_usage;
  if (!check_only) return std::move(loaded.values);
  std::cout << "configuration ok\n";
  return EXIT_SUCCESS;
}

}  // namespace mooring
