"""The lab's replicator between two emulators: what Global Tables promise, and no more."""

import time

import pytest

from dynamo_wire import Refused, Unreachable, Wire, create_table
from processes import free_port, wait_until, watch
from replication import Replication, TooMuchPending
from replicator import Replicator
from servers import LOOPBACK, Dynoxide

TABLE, KEY = "carts", "id"
EAST, WEST = "us-east-1", "us-west-2"
AT_ONCE = 2.0  # what is not delayed arrives within


class Pair:
    def __init__(self, node):
        self.emulators, self.wires, addresses = {}, {}, {}
        for name in (EAST, WEST):
            folder = node.folder / name
            folder.mkdir()
            self.emulators[name] = Dynoxide(folder, free_port())
            node.own(self.emulators[name].process)
            self.emulators[name].start()
            addresses[name] = LOOPBACK, self.emulators[name].port
            self.wires[name] = Wire(addresses[name])
            create_table(self.wires[name], TABLE, KEY)
        self.replicator = Replicator(TABLE, KEY, addresses).start()

    def put(self, region, key, cart):
        self.wires[region].call("PutItem", TableName=TABLE, Item={KEY: {"S": key}, "cart": {"S": cart}})

    def delete(self, region, key):
        self.wires[region].call("DeleteItem", TableName=TABLE, Key={KEY: {"S": key}})

    def cart(self, region, key):
        item = self.wires[region].call("GetItem", TableName=TABLE, Key={KEY: {"S": key}}).get("Item")
        return item and item["cart"]["S"]

    def wait_for(self, region, key, cart, within=AT_ONCE):
        wait_until(lambda: self.cart(region, key) == cart, within, f"{key} in {region} is {cart}")

    def order(self, do, **more):
        return self.replicator.obey(do, **more)

    def wait_until_seen(self, origin, target, changes):
        """Which of two writes was the last is only known with a look between them."""
        wait_until(lambda: self.order("facts")["pending"][f"{origin} to {target}"] == changes, 5,
                   f"{changes} changes of {origin} wait")

    def settle(self):
        """Until nothing is under way."""
        wait_until(lambda: not any(self.replicator.facts()["pending"].values()), 5, "nothing is pending")


@pytest.fixture
def pair(node):
    pair = Pair(node)
    yield pair
    pair.replicator.stop()


def test_puts_and_deletions_arrive_both_ways_and_end_there(pair):
    pair.put(EAST, "a", "rope")
    pair.put(WEST, "b", "mug")
    pair.wait_for(WEST, "a", "rope")
    pair.wait_for(EAST, "b", "mug")
    pair.delete(WEST, "a")
    pair.wait_for(EAST, "a", None)
    pair.settle()
    watch(lambda: pair.replicator.facts()["delivered"] == 3, 0.3, "no echo is sent back")


def test_a_change_arrives_after_the_lag(pair):
    pair.order("lag", seconds=1.5)
    begin = time.monotonic()
    pair.put(EAST, "a", "rope")
    watch(lambda: time.monotonic() > begin + 1.4 or pair.cart(WEST, "a") is None, 0.5, "not there before the lag")
    pair.wait_for(WEST, "a", "rope", within=4)
    assert time.monotonic() - begin > 1.4


def test_one_direction_is_cut_and_what_waited_is_delivered_when_it_is_mended(pair):
    pair.order("cut", origin=EAST, target=WEST)
    for number in range(20):
        pair.put(EAST, f"e{number}", "rope")
    pair.put(WEST, "w", "mug")
    pair.wait_for(EAST, "w", "mug")
    assert pair.cart(WEST, "e19") is None
    wait_until(lambda: pair.order("facts")["pending"] == {f"{EAST} to {WEST}": 20, f"{WEST} to {EAST}": 0}, 5,
               "20 changes wait in one direction and none in the other")
    pair.order("mend", origin=EAST, target=WEST)
    pair.settle()
    assert all(pair.cart(WEST, f"e{number}") == "rope" for number in range(20))


def test_the_last_writer_wins_also_when_an_older_write_surfaces_late(pair):
    pair.order("cut", origin=EAST, target=WEST)
    pair.put(EAST, "a", "older")
    pair.put(EAST, "gone", "older")
    pair.wait_until_seen(EAST, WEST, 2)
    pair.put(WEST, "a", "newer")
    pair.delete(EAST, "gone")
    pair.wait_until_seen(EAST, WEST, 3)
    pair.put(WEST, "gone", "newer")
    pair.wait_for(EAST, "a", "newer")
    pair.order("mend", origin=EAST, target=WEST)
    pair.settle()
    assert pair.cart(WEST, "a") == "newer"
    assert pair.cart(EAST, "a") == "newer"
    pair.wait_for(EAST, "gone", "newer")
    assert pair.cart(WEST, "gone") == "newer"


def test_writes_on_both_sides_at_once_end_the_same_everywhere(pair):
    for number in range(200):
        pair.put(EAST, f"k{number % 7}", f"east {number}")
        pair.put(WEST, f"k{number % 7}", f"west {number}")
    pair.settle()
    for key in (f"k{number}" for number in range(7)):
        wait_until(lambda key=key: pair.cart(EAST, key) == pair.cart(WEST, key), 5, f"{key} is the same")
        assert pair.cart(EAST, key) is not None


def test_a_region_that_hangs_or_dies_gets_everything_when_it_is_back(pair):
    pair.emulators[WEST].process.pause()
    pair.put(EAST, "a", "rope")
    time.sleep(3)  # pause: the region is away for a while
    pair.emulators[WEST].process.resume()
    pair.wait_for(WEST, "a", "rope", within=5)
    assert pair.cart(EAST, "a") == "rope"


def items(**carts):
    return {key: {KEY: {"S": key}, "cart": {"S": cart}} for key, cart in carts.items()}


class Calls:
    """A region that does what `then` says."""

    def __init__(self, then=None):
        self.then, self.made = then, []

    def __call__(self, operation, **body):
        self.made.append((operation, body))
        if self.then:
            raise self.then


def replication_to(west, **limits):
    replication = Replication(TABLE, KEY, {EAST: Calls(), WEST: west}, **limits)
    replication.note(EAST, {}, 99.0)
    replication.note(WEST, {}, 99.0)
    return replication


def test_of_two_writes_within_one_look_the_one_that_was_made_last_wins():
    for east_at, west_at, winner in ((99.2, 99.3, "west"), (99.4, 99.3, "east")):
        replication = replication_to(Calls())
        replication.note(EAST, items(a="east"), 100.0, {"a": east_at})
        replication.note(WEST, items(a="west"), 100.0, {"a": west_at})
        replication.deliver(101.0)
        assert {side.known["a"]["cart"]["S"] for side in replication.sides.values()} == {winner}
        assert replication.superseded == 1


def test_a_delivery_without_an_answer_that_was_made_is_no_new_write():
    west = Calls(Unreachable("no answer"))
    replication = replication_to(west)
    replication.note(EAST, items(a="rope"), 100.0)
    with pytest.raises(Unreachable):
        replication.deliver(101.0)
    replication.note(WEST, items(a="rope"), 107.0)
    assert not replication.pending[WEST, EAST]
    west.then = None
    replication.deliver(108.0)
    assert len(west.made) == 1 and not replication.pending[EAST, WEST]


def test_what_was_written_in_between_is_seen_before_it_is_replaced():
    west = Calls(Refused("ConditionalCheckFailedException", "changed"))
    replication = replication_to(west)
    replication.note(EAST, items(a="east"), 100.0)
    assert not replication.deliver(101.0)
    assert len(replication.pending[EAST, WEST]) == 1
    replication.note(WEST, {}, 100.0)
    replication.note(WEST, items(a="west"), 101.0)
    replication.deliver(102.0)
    assert not replication.pending[EAST, WEST] and len(west.made) == 1
    assert replication.superseded == 1


def test_one_item_that_waits_does_not_hold_up_the_others():
    west = Calls(Refused("ConditionalCheckFailedException", "changed"))
    replication = replication_to(west)
    replication.note(EAST, items(a="1", b="1"), 100.0)
    replication.deliver(101.0)
    assert [body["Item"][KEY]["S"] for _operation, body in west.made] == ["a", "b"]
    assert [write.key for write in replication.pending[EAST, WEST]] == ["a", "b"]


def test_what_a_dead_region_had_stored_last_is_as_old_as_its_death():
    west = Calls()
    replication = replication_to(west)
    replication.note(EAST, items(a="1"), 100.0)
    replication.deliver(101.0)
    # East is killed with a write that nobody saw, and is back after west's newer one.
    replication.note(WEST, items(a="1"), 110.0)
    replication.note(WEST, items(a="west"), 110.1)
    replication.note(EAST, items(a="east"), 130.0)
    replication.deliver(131.0)
    assert replication.superseded == 1
    assert replication.sides[EAST].known["a"]["cart"] == {"S": "west"}


def test_as_many_changes_wait_as_may_and_not_one_more():
    replication = replication_to(Calls(), most_pending=5000)
    replication.cut = {(EAST, WEST)}
    for number in range(5):
        replication.note(EAST, items(**{f"k{key}": str(number) for key in range(1000)}), 100.0)
    assert len(replication.pending[EAST, WEST]) == 5000
    with pytest.raises(TooMuchPending):
        replication.note(EAST, items(a="1"), 100.0)
