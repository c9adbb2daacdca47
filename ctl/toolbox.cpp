#include "ctl/toolbox.hpp"

#include "mooring/credentials/chain.hpp"
#include "mooring/net/curl_client.hpp"

namespace mooring::ctl {
namespace {

using namespace std::chrono_literals;

// A person waits, and a program that fetches keys may be slow.
constexpr auto time_for_credentials = 20s;

}  // namespace

toolbox::toolbox(settings config)
    : config_(std::move(config)),
      log_(logger::to_stderr(log_level::error)),
      http_(make_curl_client(io_.get_executor(), curl_options{config_.dynamodb.connect_timeout})),
      keys_(make_credentials(io_.get_executor(), *http_, time_, log_, config_.region)) {}

dynamo_client& toolbox::dynamo(const std::string& region) {
  // Without keys the client's first call says why there are none.
  if (!std::exchange(keys_asked_for_, true)) run(keys_->first_fetch(in(time_for_credentials)));
  auto& client = dynamo_[region];
  if (!client)
    client = std::make_unique<dynamo_client>(*http_, *keys_, time_, log_, registry_, config_.dynamodb, region);
  return *client;
}

std::int64_t toolbox::now_ms(seconds correction) const {
  return std::chrono::duration_cast<milliseconds>((time_.wall() + correction).time_since_epoch()).count();
}

table_wish session_table(const settings& config) {
  table_wish out;
  out.name = config.dynamodb.table;
  out.region = config.region.primary;
  out.names = config.dynamodb.names;
  return out;
}

std::string remedy_for(const error& failure, const std::string& region) {
  switch (failure.code()) {
    case errc::misconfigured:
      return "check the AWS credentials, their policy, and the name of the region";
    case errc::throttled:
      return "wait, or raise the table's capacity";
    case errc::clock_skew:
      return "set this node's clock (chrony, systemd-timesyncd)";
    case errc::no_network:
      return "check this node's network and routes";
    default:
      return "check the network, and dynamodb.endpoints for " + region;
  }
}

}  // namespace mooring::ctl
