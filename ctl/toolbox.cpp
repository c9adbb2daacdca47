#include "ctl/toolbox.hpp"

#include "mooring/net/curl_client.hpp"

namespace mooring::ctl {

toolbox::toolbox(settings config)
    : config_(std::move(config)),
      log_(logger::to_stderr(log_level::error)),
      http_(make_curl_client(io_.get_executor(), curl_options{config_.dynamodb.connect_timeout})),
      keys_(make_credentials_chain(process_environment())) {}

dynamo_client& toolbox::dynamo(const std::string& region) {
  auto& client = dynamo_[region];
  if (!client)
    client = std::make_unique<dynamo_client>(*http_, *keys_, time_, log_, registry_, config_.dynamodb, region);
  return *client;
}

}  // namespace mooring::ctl
