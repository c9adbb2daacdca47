#include <curl/curl.h>

#include <iostream>

#include "mooring/base/log.hpp"
#include "mooring/settings/daemon_options.hpp"
#include "sidecar/app.hpp"

int main(int argc, char** argv) {
  const char* program = "mooring-sidecar";
  auto options = mooring::read_daemon_options(argc, argv, program, "answers load-balancer probes from real checks");
  if (const int* exit_code = std::get_if<int>(&options)) return *exit_code;
  curl_global_init(CURL_GLOBAL_DEFAULT);
  mooring::sidecar::app daemon(std::get<mooring::settings>(options));
  const auto ended = daemon.run();
  if (!ended) std::cerr << program << ": " << ended.error().detail() << std::endl;
  const int exit_code = ended ? *ended : mooring::exit_usage;
  if (daemon.thread_hangs()) mooring::flush_log_and_exit(exit_code);
  return exit_code;
}
