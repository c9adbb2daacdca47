// Items as each program writes them, read by each.
#include "sessiond/store/item_schema.hpp"

#include <gtest/gtest.h>

#include <set>

#include "mooring/base/digest.hpp"
#include "sessiond/store/packing.hpp"
#include "sessiond/store/version_clock.hpp"

namespace mooring::sessiond {
namespace {

constexpr std::int64_t now = 1'800'000'000;
const std::string cart = "cart|a:1:{i:7;i:2;}";

// What Aws\DynamoDb\SessionHandler::read() makes of an item: data counts only with expires, and until then.
std::string sdk_reads(const item& stored, std::int64_t time) {
  const auto expires = stored.find("expires");
  const auto data = stored.find("data");
  if (expires == stored.end() || data == stored.end()) return "";
  return std::stoll(expires->second.value) <= time ? "" : data->second.value;
}

// The item after the update.
item applied(const item_update& update, item stored) {
  const item key = update.request().key;
  stored.insert(key.begin(), key.end());
  for (const auto& [name, value] : update.assigned())
    stored[name] = value;
  for (const auto& name : update.removed())
    stored.erase(name);
  return stored;
}

std::set<std::string> names_in_condition(const item_update& update) {
  const write_request request = update.request();
  std::set<std::string> out;
  for (const auto& [alias, name] : request.names)
    if (request.condition.find(alias) != std::string::npos) out.insert(name);
  return out;
}

session_write write_of(const std::string& data, session_version version = 5) {
  session_write out;
  out.data = data;
  out.version = version;
  out.expires = now + 100;
  return out;
}

item sdk_item(std::optional<attribute> data) {
  item out;
  out.emplace("id", attribute::text("PHPSESSID_abc"));
  out.emplace("expires", attribute::number(now + 100));
  if (data) out.emplace("data", *data);
  return out;
}

struct mooring_items : ::testing::Test {
  std::unique_ptr<item_schema> schema = make_mooring_schema();
  write_basis basis;
  item saved(const std::string& data) { return applied(schema->save("k", write_of(data), basis, now).value(), item()); }
};

TEST_F(mooring_items, of_another_program_or_a_newer_version_are_refused) {
  item stored = schema->key_item("k");
  EXPECT_EQ(schema->session_in(stored, 0).error().code(), errc::bad_data);
  stored.emplace("expires", attribute::number(100));
  stored.emplace("ver", attribute::number(5));
  EXPECT_EQ(schema->session_in(stored, 0).value()->version, 5);
  EXPECT_EQ(schema->session_in(stored, 0).value()->data, "");
  EXPECT_FALSE(schema->session_in(stored, 100).value());
  stored["data"] = attribute::text("text");
  EXPECT_EQ(schema->session_in(stored, 0).error().code(), errc::bad_data);
  stored["data"] = attribute::binary("bytes");
  EXPECT_EQ(schema->session_in(stored, 0).value()->data, "bytes");
  for (const char* encoding : {"zstd", "brotli", ""}) {
    stored["enc"] = attribute::text(encoding);
    EXPECT_EQ(schema->session_in(stored, 0).error().code(), errc::bad_data) << encoding;
  }
}

TEST_F(mooring_items, of_a_version_that_no_clock_can_have_made_are_refused) {
  const session_version latest = latest_version(wall_time(seconds(now)));
  item stored = saved("cart");
  for (const session_version possible : {session_version{1}, latest}) {
    stored["ver"] = attribute::number(possible);
    EXPECT_EQ(schema->session_in(stored, now).value()->version, possible);
  }
  for (const session_version impossible : {no_version, session_version{-1}, latest + 1, INT64_MAX}) {
    stored["ver"] = attribute::number(impossible);
    EXPECT_EQ(schema->session_in(stored, now).error().code(), errc::bad_data) << impossible;
  }
}

TEST_F(mooring_items, are_packed_only_when_that_saves_a_write_unit) {
  EXPECT_EQ(saved(std::string(900, 'x')).count("enc"), 0U);
  EXPECT_EQ(saved(random_bytes(5000)).count("enc"), 0U);
  const item packed = saved(std::string(5000, 'x'));
  EXPECT_EQ(packed.at("enc").value, "zstd");
  EXPECT_EQ(schema->session_in(packed, now).value()->data, std::string(5000, 'x'));
}

TEST_F(mooring_items, lose_what_the_last_write_left_of_its_encoding) {
  const item packed = saved(std::string(5000, 'x'));
  for (const std::string& data : {std::string("short"), std::string()}) {
    const item stored = applied(schema->save("k", write_of(data), basis, now).value(), packed);
    EXPECT_EQ(stored.count("enc"), 0U);
    EXPECT_EQ(schema->session_in(stored, now).value()->data, data);
  }
}

TEST_F(mooring_items, may_be_larger_than_an_item_before_they_are_packed) {
  const std::string largest(max_raw_bytes, 'x');
  EXPECT_EQ(schema->session_in(saved(largest), now).value()->data, largest);
  EXPECT_EQ(schema->save("k", write_of(largest + "x"), basis, now).error().code(), errc::too_large);
  EXPECT_EQ(schema->save("k", write_of(random_bytes(max_data_bytes + 1)), basis, now).error().code(), errc::too_large);
}

struct sdk_items : ::testing::Test {
  std::unique_ptr<item_schema> schema = make_sdk_schema(sdk_settings());
  write_basis basis;
  std::optional<stored_session> read(const item& stored) { return schema->session_in(stored, now).value(); }
  item saved(const std::string& data, const item& over = item()) {
    return applied(schema->save("PHPSESSID_abc", write_of(data), basis, now).value(), over);
  }
};

TEST_F(sdk_items, of_a_version_that_no_clock_can_have_made_are_refused) {
  const session_version latest = latest_version(wall_time(seconds(now)));
  const auto stored = [this](session_version version) {
    return applied(schema->save("k", write_of(cart, version), basis, now).value(), item());
  };
  EXPECT_EQ(schema->session_in(stored(latest), now).value()->version, latest);
  EXPECT_EQ(schema->session_in(stored(latest + 1), now).error().code(), errc::bad_data);
  item of_the_sdk = stored(latest + 1);
  of_the_sdk["data"] = attribute::text("the SDK's");
  EXPECT_LT(schema->session_in(of_the_sdk, now).value()->version, latest) << "then ver says nothing";
}

TEST_F(sdk_items, are_read_as_text_as_bytes_and_without_data) {
  EXPECT_EQ(read(sdk_item(attribute::text(cart)))->data, cart);
  EXPECT_EQ(read(sdk_item(attribute::binary(cart)))->data, cart);
  EXPECT_EQ(read(sdk_item(std::nullopt))->data, "");
  EXPECT_EQ(schema->session_in(sdk_item(attribute()), now).error().code(), errc::bad_data);
}

TEST_F(sdk_items, without_expires_or_past_it_are_no_session) {
  item stored = sdk_item(attribute::text(cart));
  EXPECT_FALSE(schema->session_in(stored, now + 100).value());
  stored.erase("expires");
  EXPECT_FALSE(read(stored));
  EXPECT_EQ(schema->version_in(stored), no_version);
  stored["expires"] = attribute::text("soon");
  EXPECT_EQ(schema->session_in(stored, now).error().code(), errc::bad_data);
  item locked_new_session;
  locked_new_session.emplace("id", attribute::text("PHPSESSID_abc"));
  locked_new_session.emplace("lock", attribute::number(1));
  EXPECT_FALSE(read(locked_new_session));
  EXPECT_TRUE(schema->lock_mark(locked_new_session));
}

TEST_F(sdk_items, have_another_version_after_each_change_of_data_whoever_made_it) {
  const session_version foreign = read(sdk_item(attribute::text(cart)))->version;
  EXPECT_GT(foreign, no_version);
  EXPECT_EQ(read(sdk_item(attribute::binary(cart)))->version, foreign);
  EXPECT_NE(read(sdk_item(attribute::text("other")))->version, foreign);
  item ours = saved(cart);
  EXPECT_EQ(read(ours)->version, 5);
  ours["expires"] = attribute::number(now + 500);
  EXPECT_EQ(read(ours)->version, 5) << "a touch is no change";
  ours["data"] = attribute::text("written by the SDK");
  EXPECT_NE(read(ours)->version, 5);
  ours.erase("data");
  EXPECT_NE(read(ours)->version, 5);
}

TEST_F(sdk_items, of_ours_are_what_the_sdk_reads) {
  for (const std::string& data : {cart, std::string("\xff\x00", 2), std::string()}) {
    const item stored = saved(data);
    EXPECT_EQ(sdk_reads(stored, now), data);
    EXPECT_EQ(sdk_reads(stored, now + 100), "");
    EXPECT_EQ(read(stored)->data, data);
    EXPECT_EQ(stored.at("id"), attribute::text("PHPSESSID_abc"));
    EXPECT_EQ(stored.at("expires"), attribute::number(now + 100));
  }
}

TEST_F(sdk_items, hold_text_or_bytes_as_configured_and_bytes_for_what_is_no_text) {
  using kind = attribute::kind;
  EXPECT_EQ(saved(cart).at("data").type, kind::text);
  EXPECT_EQ(saved("a\xc3\xa9\xf0\x9f\x98\x80").at("data").type, kind::text);
  for (const char* bytes : {"\xff", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\x80"})
    EXPECT_EQ(saved(bytes).at("data").type, kind::binary) << bytes;
  sdk_settings config;
  config.data_type = "binary";
  schema = make_sdk_schema(config);
  EXPECT_EQ(saved(cart).at("data").type, kind::binary);
}

TEST_F(sdk_items, keep_attributes_that_are_not_ours) {
  item stored = sdk_item(attribute::text("old"));
  stored["tenant"] = attribute::text("shop 7");
  stored = saved(cart, stored);
  EXPECT_EQ(stored.at("tenant"), attribute::text("shop 7"));
  EXPECT_EQ(saved("", stored).count("data"), 0U);
}

TEST_F(sdk_items, carry_the_configured_names) {
  sdk_settings config;
  config.hash_key = "sid";
  config.data_attribute = "payload";
  config.lifetime_attribute = "ttl";
  schema = make_sdk_schema(config);
  const item stored = saved(cart);
  EXPECT_EQ(stored.at("sid").value, "PHPSESSID_abc");
  EXPECT_EQ(stored.at("payload").value, cart);
  EXPECT_EQ(stored.at("ttl"), attribute::number(now + 100));
  EXPECT_EQ(read(stored)->data, cart);
}

TEST_F(sdk_items, lose_a_lock_only_when_it_is_abandoned) {
  item locked = sdk_item(attribute::text(cart));
  locked["lock"] = attribute::number(1);
  const auto careful = schema->save("k", write_of("new"), basis, now).value();
  EXPECT_TRUE(names_in_condition(careful).count("lock"));
  EXPECT_EQ(applied(careful, locked).count("lock"), 1U);
  basis.lock_is_abandoned = true;
  basis.seen = locked;
  EXPECT_EQ(saved("new", locked).count("lock"), 0U);
  EXPECT_EQ(applied(schema->touch("k", 1, now + 200, basis), locked).count("lock"), 0U);
}

}  // namespace
}  // namespace mooring::sessiond
