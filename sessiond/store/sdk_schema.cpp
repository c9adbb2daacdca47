// Schema "aws-sdk-php": the items of Aws\DynamoDb\SessionHandler (aws-sdk-php/src/DynamoDb), which go on being read
// and written by it while a site moves node by node, and back.
//
//   id           S     "PHPSESSID_abc": session name, '_' and id in plain text, '_' trimmed at both ends
//   data         S, B  what PHP serialised; absent when empty. We write what data_type says, but B for what is no UTF-8
//   expires      N     unix seconds, the table's TTL attribute. Without it the SDK's reader sees no session
//   lock         N     1 while a locking SDK handler has the session; without owner or end
//   ver          N     ours: the version
//   mooring_sum  B     ours: a digest of the data that `ver` speaks about
//
// The SDK's writer keeps our two attributes and does not mind them, so `ver` counts only while the digest fits; for
// other data the version is made from the data. And since no condition can compute a digest, a write is conditional on
// the very data and version that were read. A write of the SDK that changes no data is no conflict: it only moves the
// expiry. The lease (lease_terms.hpp) is between Mooring's nodes; the SDK keeps it and does not mind it either.
#include "mooring/base/digest.hpp"
#include "mooring/base/utf8.hpp"
#include "sessiond/store/item_schema.hpp"
#include "sessiond/store/size_limits.hpp"
#include "sessiond/store/version_clock.hpp"

namespace mooring::sessiond {
namespace {

constexpr const char* lock_name = "lock";
constexpr const char* sum_name = "mooring_sum";
constexpr std::size_t sum_bytes = 16;

// Versions made from data stay below this, and those of version_clock.hpp have been above it since the year 2006, so
// that what Mooring writes next is above either.
constexpr int made_version_bits = 60;

std::string sum_of(const std::string& data) {
  return sha256(data).substr(0, sum_bytes);
}

session_version made_from(const std::string& data) {
  std::uint64_t out = 0;
  for (const char c : sum_of(data).substr(0, sizeof(out)))
    out = out << 8 | static_cast<unsigned char>(c);
  return static_cast<session_version>(out >> (64 - made_version_bits)) + 1;
}

class sdk_schema final : public item_schema {
 public:
  explicit sdk_schema(const sdk_settings& config)
      : item_schema({config.hash_key, config.lifetime_attribute}),
        data_name_(config.data_attribute),
        text_(config.data_type == "string") {}

  bool versions_can_lie() const override { return true; }

  session_version version_in(const item& stored) const override {
    if (stored.count(names().ttl_attribute) == 0) return no_version;
    const auto found = stored.find(data_name_);
    const std::string& data = found == stored.end() ? nothing_ : found->second.value;
    const auto sum = stored.find(sum_name);
    const auto version = number_in(stored, version_name);
    if (version && sum != stored.end() && sum->second.value == sum_of(data)) return *version;
    return made_from(data);
  }

  std::optional<std::string> lock_mark(const item& stored) const override {
    if (stored.count(lock_name) == 0) return std::nullopt;
    const auto expires = number_in(stored, names().ttl_attribute).value_or(0);
    return std::to_string(expires) + "-" + std::to_string(version_in(stored));
  }

  result<std::optional<stored_session>> session_in(const item& stored, std::int64_t now) const override {
    std::optional<stored_session> live;
    if (stored.count(names().ttl_attribute) == 0) return live;
    const auto expires = number_in(stored, names().ttl_attribute);
    if (!expires)
      return error(errc::bad_data, "the stored " + names().ttl_attribute + " is no whole number of seconds");
    if (*expires <= now) return live;
    const auto data = stored.find(data_name_);
    if (data != stored.end() && data->second.type != attribute::kind::text &&
        data->second.type != attribute::kind::binary)
      return error(errc::bad_data, "the stored " + data_name_ + " is neither text nor binary");
    const session_version version = version_in(stored);
    if (!is_possible_version(version, wall_time(seconds(now))))
      return error(errc::bad_data, "the stored ver is none that a clock can have made");
    live.emplace();
    live->version = version;
    live->expires = *expires;
    if (data != stored.end()) live->data = data->second.value;
    return live;
  }

  result<item_update> save(const std::string& key, const session_write& write, const write_basis& basis,
                           std::int64_t now) const override {
    if (auto fits = check_size(write.data); !fits) return fits.error();
    item_update out = update_of(key);
    out.set(names().ttl_attribute, attribute::number(write.expires));
    out.set(version_name, attribute::number(write.version));
    out.set(sum_name, attribute::binary(sum_of(write.data)));
    if (write.data.empty())
      out.remove(data_name_);
    else
      out.set(data_name_, data_attribute(write.data));
    if (write.expected == no_version) {
      const std::string expires = out.name(names().ttl_attribute);
      const std::string absent = "(attribute_not_exists(" + expires + ") OR " + expires + " <= ";
      out.require(absent + out.value(attribute::number(now)) + ")");
    } else if (write.replaces_older) {
      require_no_newer(out, version_name, write, now);
    } else {
      require_unchanged(out, basis.seen);
    }
    pass_lock(out, basis);
    return out;
  }

  // Whoever holds the lock moves the expiry itself, so a touch does not wait for it.
  item_update touch(const std::string& key, session_version, std::int64_t expires,
                    const write_basis& basis) const override {
    item_update out = update_of(key);
    out.set(names().ttl_attribute, attribute::number(expires));
    if (basis.lock_is_abandoned) out.remove(lock_name);
    require_unchanged(out, basis.seen);
    return out;
  }

  item_update remove(const std::string& key, session_version, const write_basis& basis) const override {
    item_update out = update_of(key);
    require_unchanged(out, basis.seen);
    return out;
  }

  item_update hold(const std::string& key, const write_basis& basis, std::int64_t now) const override {
    item_update out = update_of(key);
    require_live(out, now);
    pass_lock(out, basis);
    return out;
  }

 private:
  attribute data_attribute(const std::string& data) const {
    return text_ && is_utf8(data) ? attribute::text(data) : attribute::binary(data);
  }

  static void pass_lock(item_update& out, const write_basis& basis) {
    if (basis.lock_is_abandoned)
      out.remove(lock_name);
    else
      out.require("attribute_not_exists(" + out.name(lock_name) + ")");
  }

  void require_unchanged(item_update& out, const item& seen) const {
    out.require("attribute_exists(" + out.name(names().ttl_attribute) + ")");
    require_same(out, seen, data_name_);
    require_same(out, seen, version_name);
  }
  static void require_same(item_update& out, const item& seen, const std::string& name) {
    const auto found = seen.find(name);
    if (found == seen.end())
      out.require("attribute_not_exists(" + out.name(name) + ")");
    else
      out.require(out.name(name) + " = " + out.value(found->second));
  }

  const std::string nothing_;
  std::string data_name_;
  bool text_;
};

}  // namespace

std::unique_ptr<item_schema> make_sdk_schema(const sdk_settings& config) {
  return std::make_unique<sdk_schema>(config);
}

}  // namespace mooring::sessiond
