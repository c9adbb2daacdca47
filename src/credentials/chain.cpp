#include "mooring/credentials/chain.hpp"

#include <array>
#include <random>

#include "container_source.hpp"
#include "environment_source.hpp"
#include "instance_source.hpp"
#include "profile_source.hpp"
#include "web_identity_source.hpp"

namespace mooring {
namespace {

class credential_chain final : public credential_source {
 public:
  credential_chain(const environment& env, http_client& http, const clock& time, std::vector<std::string> regions)
      : files_(env),
        sts_(http, time, std::move(regions), value_in(env, "AWS_ENDPOINT_URL_STS").value_or("")),
        environment_(env),
        web_identity_(env, sts_),
        container_(env, http, time),
        instance_(env, http, time),
        role_(profile_part::assumed_role, files_, sts_, named()),
        profile_(profile_part::everything_else, files_, sts_, named()) {}

  task<fetched_credentials> fetch(steady_time deadline) override {
    for (credential_source* source : order_) {
      auto found = co_await source->fetch(deadline);
      if (!found || *found) co_return found;
    }
    co_return error(errc::misconfigured,
                    "no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or put "
                    "profile \"" +
                        files_.profile() +
                        "\" into ~/.aws/credentials, or give this node a role (docs/credentials.md)");
  }

  task<bool> changed(steady_time deadline) override { return files_.changed(deadline); }

 private:
  named_sources named() {
    named_sources out{};
    out.environment = &environment_;
    out.container = &container_;
    out.instance = &instance_;
    return out;
  }

  shared_files files_;
  sts_client sts_;
  environment_source environment_;
  web_identity_source web_identity_;
  container_source container_;
  instance_source instance_;
  profile_source role_;
  profile_source profile_;
  std::array<credential_source*, 6> order_{&environment_, &role_, &web_identity_, &profile_, &container_, &instance_};
};

std::function<double()> random_fractions() {
  return [engine = std::minstd_rand(std::random_device{}())]() mutable {
    return std::uniform_real_distribution<double>(0, 1)(engine);
  };
}

}  // namespace

std::unique_ptr<credential_source> make_credential_chain(const environment& env, http_client& http, const clock& time,
                                                         std::vector<std::string> regions) {
  return std::make_unique<credential_chain>(env, http, time, std::move(regions));
}

std::unique_ptr<refreshing_provider> make_credentials(const asio::any_io_executor& executor, http_client& http,
                                                      const clock& time, const logger& log,
                                                      const region_settings& regions) {
  std::vector<std::string> ordered{regions.primary};
  if (!regions.secondary.empty()) ordered.push_back(regions.secondary);
  auto chain = make_credential_chain(process_environment(), http, time, std::move(ordered));
  return std::make_unique<refreshing_provider>(executor, std::move(chain), time, log, random_fractions());
}

}  // namespace mooring
