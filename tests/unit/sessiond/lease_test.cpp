// Leases between nodes: the store's part, on a real table.
#include "tests/support/lease_fixture.hpp"

namespace mooring::sessiond {
namespace {

TEST_F(lease_test, what_does_not_exist_is_not_leased_and_not_made) {
  EXPECT_EQ(acquire(*a), lease_answer::absent);
  EXPECT_EQ(acquire(*b), lease_answer::absent);
  EXPECT_FALSE(run(a->exists("k", soon())).value());
}

TEST_F(lease_test, an_item_tells_who_took_its_lease) {
  const auto stored = [this] {
    get_request request;
    request.table = table.name();
    request.key.emplace("session_id", attribute::text("k"));
    return run(table.client().get(std::move(request), soon())).value().value();
  };
  const auto holder = [&stored](const std::string& node, const std::string& region) {
    return lease_terms(node, region, 10s).holder_in(stored());
  };
  ASSERT_TRUE(save(*a, write_of("cart", no_version, 10)));
  EXPECT_EQ(holder("node a", "us-east-1"), lease_holder::nobody);
  ASSERT_EQ(acquire(*a), lease_answer::taken);
  EXPECT_EQ(holder("node a", "us-east-1"), lease_holder::this_node);
  EXPECT_EQ(holder("node b", "us-east-1"), lease_holder::other_node);
  EXPECT_EQ(holder("node a", "eu-west-1"), lease_holder::other_region);
}

TEST_F(lease_test, one_node_at_a_time_has_a_session_and_reads_it_with_the_lease) {
  ASSERT_TRUE(save(*a, write_of("cart", no_version, 10)));
  const auto taken = run(a->acquire("k", soon())).value();
  EXPECT_EQ(taken.answer, lease_answer::taken);
  EXPECT_EQ(taken.session.data, "cart");
  EXPECT_EQ(acquire(*b), lease_answer::held_elsewhere);
  EXPECT_TRUE(run(b->load("k", soon())).value()->leased_elsewhere);
  EXPECT_FALSE(run(a->load("k", soon())).value()->leased_elsewhere);
  ASSERT_TRUE(save(*a, write_of("bigger cart", 10, 11)));
  EXPECT_EQ(acquire(*b), lease_answer::taken);
}

TEST_F(lease_test, a_commit_whose_lease_was_lost_is_refused) {
  ASSERT_TRUE(save(*a, write_of("cart", no_version, 10)));
  ASSERT_EQ(acquire(*a), lease_answer::taken);
  time.advance(11s);
  ASSERT_EQ(acquire(*b), lease_answer::taken);
  EXPECT_EQ(save(*a, write_of("late", 10, 11)).error().code(), errc::stale);
  session_touch touch;
  touch.version = 10;
  touch.expires = 1'800'005'000;
  touch.lease = lease_after::release;
  EXPECT_TRUE(run(a->touch("k", touch, soon())));
  EXPECT_EQ(run(a->load("k", soon())).value()->expires, touch.expires) << "a longer life takes nothing from the holder";
  EXPECT_EQ(acquire(*a), lease_answer::held_elsewhere);
  EXPECT_EQ(run(a->renew("k", soon())).error().code(), errc::stale);
  ASSERT_TRUE(save(*b, write_of("b's", 10, 12)));
}

TEST_F(lease_test, a_renewed_lease_lasts_and_a_released_one_is_free) {
  ASSERT_TRUE(save(*a, write_of("cart", no_version, 10)));
  ASSERT_EQ(acquire(*a), lease_answer::taken);
  time.advance(9s);
  ASSERT_TRUE(run(a->renew("k", soon())));
  time.advance(9s);
  EXPECT_EQ(acquire(*b), lease_answer::held_elsewhere);
  ASSERT_TRUE(run(a->release("k", soon())));
  EXPECT_EQ(acquire(*b), lease_answer::taken);
  EXPECT_TRUE(run(a->release("k", soon())));
  EXPECT_EQ(acquire(*a), lease_answer::held_elsewhere);
}

TEST_F(lease_test, of_a_session_that_has_expired_hinders_nobody_who_begins_a_new_one) {
  session_write short_lived = write_of("cart", no_version, 10);
  time.set_wall(1'800'000'000);
  short_lived.expires = 1'800'000'005;
  ASSERT_TRUE(save(*a, std::move(short_lived)));
  ASSERT_EQ(acquire(*a), lease_answer::taken);
  time.set_wall(1'800'000'005);
  ASSERT_EQ(acquire(*b), lease_answer::absent);
  EXPECT_TRUE(save(*b, write_of("new cart", no_version, 11)));
  EXPECT_EQ(save(*a, write_of("late", 10, 12)).error().code(), errc::stale);
}

TEST_F(lease_test, of_a_session_that_has_expired_is_no_reason_not_to_renew_it) {
  session_write short_lived = write_of("cart", no_version, 10);
  time.set_wall(1'800'000'000);
  short_lived.expires = 1'800'000'005;
  ASSERT_TRUE(save(*a, std::move(short_lived)));
  ASSERT_EQ(acquire(*a), lease_answer::taken);
  time.set_wall(1'800'000'005);
  session_touch touch;
  touch.version = 10;
  touch.expires = 1'800'001'000;
  touch.lease = lease_after::release;
  EXPECT_TRUE(run(b->touch("k", touch, soon())));
  EXPECT_TRUE(run(b->exists("k", soon())).value());
}

TEST_F(lease_test, that_would_last_longer_than_any_can_is_none) {
  ASSERT_TRUE(save(*a, write_of("cart", no_version, 10)));
  ASSERT_EQ(acquire(*a), lease_answer::taken);
  const auto lasts_until = [this](std::int64_t until_ms) {
    write_request request;
    request.table = table.name();
    request.key.emplace("session_id", attribute::text("k"));
    request.update = "SET lock_until = :u";
    request.values.emplace(":u", attribute::number(until_ms));
    ASSERT_TRUE(run(table.client().write(std::move(request), soon())));
  };
  const std::int64_t longest = 1'800'000'000'000 + longest_lease.count();
  time.set_wall(1'800'000'000);
  lasts_until(longest);
  EXPECT_EQ(acquire(*b), lease_answer::held_elsewhere);
  EXPECT_EQ(save(*b, write_of("theirs", 10, 11)).error().code(), errc::stale);
  lasts_until(longest + 1);
  EXPECT_FALSE(run(b->load("k", soon())).value()->leased_elsewhere);
  EXPECT_EQ(acquire(*b), lease_answer::taken);
}

TEST_F(lease_test, a_new_process_of_a_node_takes_over_from_the_one_that_died) {
  ASSERT_TRUE(save(*a, write_of("cart", no_version, 10)));
  ASSERT_EQ(acquire(*a), lease_answer::taken);
  auto again = table.store("node a");
  EXPECT_EQ(acquire(*again), lease_answer::taken);
  EXPECT_EQ(acquire(*b), lease_answer::held_elsewhere);
}

}  // namespace
}  // namespace mooring::sessiond
