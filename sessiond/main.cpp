#include <curl/curl.h>

#include <iostream>

#include "mooring/settings/daemon_options.hpp"
#include "sessiond/app.hpp"

int main(int argc, char** argv) {
  const char* program = "mooring-sessiond";
  auto options = mooring::read_daemon_options(argc, argv, program, "PHP's session store in front of DynamoDB");
  if (const int* exit_code = std::get_if<int>(&options)) return *exit_code;
  curl_global_init(CURL_GLOBAL_DEFAULT);
  mooring::sessiond::app daemon(std::get<mooring::settings>(std::move(options)));
  const auto exit_code = daemon.run();
  if (exit_code) return *exit_code;
  std::cerr << program << ": " << exit_code.error().detail() << "\n";
  return mooring::exit_usage;
}
