#include <curl/curl.h>

#include <iostream>

#include "ctl/command_line.hpp"
#include "mooring/settings/daemon_options.hpp"

int main(int argc, char** argv) {
  const auto read = mooring::ctl::read_command_line(argc, argv);
  if (const int* exit_code = std::get_if<int>(&read)) return *exit_code;
  const auto& typed = std::get<mooring::ctl::command_line>(read);
  auto loaded = mooring::load_settings(typed.config_path, typed.config_may_be_absent, mooring::process_environment());
  for (const auto& fault : loaded.faults)
    std::cerr << fault << "\n";
  if (!loaded.faults.empty()) return mooring::exit_usage;
  curl_global_init(CURL_GLOBAL_DEFAULT);
  mooring::ctl::toolbox tools(std::move(loaded.values));
  return typed.command(tools);
}
