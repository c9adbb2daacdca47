// What is found at an endpoint when tables are looked at: DynamoDB's answers, or another program's.
// This code should never throw, for any input.
#include "fuzz.hpp"
#include "mooring/aws/table_plan.hpp"

using mooring::fuzz::must;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = mooring::fuzz::text_of(data, size);
  const auto ttl = mooring::ttl_description_from(text);
  must(ttl || ttl.error().code() == mooring::errc::bad_data, "another answer is bad data");
  must(!ttl || ttl->attribute.empty() || ttl->status.starts_with("ENABL"), "only a TTL that is on has an attribute");
  const auto recovery = mooring::point_in_time_recovery_from(text);
  must(recovery || recovery.error().code() == mooring::errc::bad_data, "another answer is bad data");

  auto table = mooring::table_description_from(text);
  if (!table) return 0;
  must(table->exists, "a table that is described is there");
  for (const auto& replica : table->replicas)
    must(table->replica_in(replica.region) != nullptr, "replicas are found by their region");
  mooring::table_wish wish;
  wish.name = "t";
  wish.replica = "eu-west-1";
  if (ttl) table->ttl_attribute = ttl->attribute;
  const auto move = mooring::next_move(wish, *table);
  must(move.step != mooring::table_step::create, "what is there is not created");
  must(move.step == mooring::table_step::ready || !move.text.empty(), "whoever waits is told for what");
  return 0;
}
