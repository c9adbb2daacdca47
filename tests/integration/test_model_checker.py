"""The checker of the concurrency model on histories written by hand: each rule is seen to fire, and not to fire on the
innocent history next to it."""

import pytest

from model import checker as c
from model import history as h
from model.report import describe
from model.story import LEASE, Story


@pytest.fixture
def story():
    """Write 1 is stored at about t = 0."""
    told = Story()
    told.stored("a", 0.0, 1)
    return told


@pytest.fixture
def brief():
    """The same with a session that lives for 2 seconds."""
    told = Story(lifetime=2)
    told.stored("a", 0.0, 1)
    return told


def test_an_innocent_history(story):
    first = story.open("a", 1.0, found=1)
    story.commit(first, 1.1, 2)
    second = story.open("b", 1.05, found=2, lasts=0.2)
    story.touch(second, 1.3)
    story.close(story.open("c", 1.4, found=2), 1.5)
    story.destroy("c", 2.0)
    story.read("a", 2.1, found=h.ABSENT)
    story.stored("b", 3.0, 3)
    assert story.broken_rules() == set()


def test_a_lost_update(story):
    one, other = story.open("a", 1.0, found=1), story.open("b", 1.0, found=1)
    story.commit(one, 2.0, 2)
    story.commit(other, 2.0, 3, h.STALE)
    assert c.LOST_UPDATE not in story.broken_rules("none")
    story.commit(story.open("c", 1.0, found=1), 2.0, 4)
    assert story.broken_rules("none") == {c.LOST_UPDATE}


def test_a_lost_update_that_nobody_acknowledged_but_somebody_saw(story):
    one, other = story.open("a", 1.0, found=1), story.open("b", 1.0, found=1)
    story.commit(one, 2.0, 2)
    story.commit(other, 2.0, 3, h.UNKNOWN)
    assert story.broken_rules("none") == set()
    story.read("c", 2.005, found=3)
    assert story.broken_rules("none") == {c.LOST_UPDATE}


def test_a_repeated_commit_is_one_commit(story):
    opening = story.open("a", 1.0, found=1)
    story.commit(opening, 1.1, 2, h.UNKNOWN)
    story.commit(opening, 1.5, 2)
    story.read("b", 1.6, found=2)
    assert story.broken_rules() == set()


def test_a_commit_after_a_removal_is_a_stale_overwrite(story):
    opening = story.open("a", 1.0, found=1)
    story.destroy("b", 1.1)
    story.commit(opening, 1.2, 2)
    assert story.broken_rules() == {c.STALE_OVERWRITE}


def test_a_commit_while_the_session_is_removed_may_come_first(story):
    opening = story.open("a", 1.0, found=1)
    story.destroy("b", 1.1, lasts=0.2)
    story.commit(opening, 1.2, 2)
    assert story.broken_rules() == set()


def test_a_first_commit_over_a_session_is_a_stale_overwrite():
    story = Story()
    late = story.open("b", 0.0, found=h.ABSENT)
    story.stored("a", 0.5, 1)
    story.commit(late, 1.0, 2)
    assert story.broken_rules() == {c.STALE_OVERWRITE}


def test_a_first_commit_after_a_removal_or_an_expiry_is_none(story, brief):
    late = story.open("b", 0.0, found=h.ABSENT)
    story.destroy("c", 1.0, h.ABSENT, outcome=h.UNKNOWN)
    story.commit(late, 1.1, 2)
    assert story.broken_rules() == set()
    brief.commit(brief.open("b", 2.5, found=h.ABSENT), 2.6, 2)
    assert brief.broken_rules() == set()


@pytest.mark.parametrize("ask", [Story.open, Story.read], ids=["open", "read"])
def test_an_older_state_is_served(story, ask):
    story.commit(story.open("a", 1.0, found=1), 1.1, 2)
    ask(story, "b", 1.105, found=1)
    assert story.broken_rules("none") == set(), "the commit may have come after the answer"
    ask(story, "b", 1.2, found=1)
    assert story.broken_rules("none") == {c.OLDER_STATE}


def test_what_was_destroyed_is_not_served_again(story):
    story.destroy("a", 1.0)
    story.read("b", 1.1, found=1)
    assert story.broken_rules() == {c.OLDER_STATE}


def test_a_node_may_hand_a_session_over_until_it_learns_of_a_removal_elsewhere(story):
    story.destroy("a", 1.0)
    story.open("b", 1.1, found=1, connection=1)
    assert story.broken_rules() == set()
    assert story.broken_rules("node") == {c.OLDER_STATE}
    story.open("b", 1.1 + LEASE, found=1, connection=2)
    assert story.broken_rules() >= {c.OLDER_STATE}


def test_its_own_removal_a_node_knows_at_once(story):
    story.destroy("b", 1.0)
    story.open("b", 1.1, found=1)
    assert story.broken_rules() == {c.OLDER_STATE}


@pytest.mark.parametrize("ask", [lambda story, at: story.open("b", at, found=h.ABSENT),
                                 lambda story, at: story.read("b", at, found=h.ABSENT),
                                 lambda story, at: story.exists("b", at, answer=0)], ids=["open", "read", "exists"])
def test_a_session_is_emptied(story, ask):
    ask(story, 1.0)
    assert story.broken_rules() == {c.EMPTIED}


@pytest.mark.parametrize("outcome", [h.OK, h.UNKNOWN])
def test_a_session_that_may_be_destroyed_may_be_empty(story, outcome):
    story.destroy("c", 0.5, outcome=outcome)
    story.read("b", 1.0, found=h.ABSENT)
    assert story.broken_rules() == set()


def test_a_session_that_has_expired_is_empty_and_no_sooner(brief):
    brief.read("b", 1.5, found=h.ABSENT)
    assert brief.broken_rules() == set(), "lives are counted in whole seconds"
    brief.read("b", 0.5, found=h.ABSENT)
    assert brief.broken_rules() == {c.EMPTIED}


def test_a_touch_lengthens_a_life(brief):
    brief.touch(brief.open("a", 1.0, found=1), 1.5)
    brief.read("b", 2.2, found=h.ABSENT)
    assert brief.broken_rules() == {c.EMPTIED}


def test_an_expired_session_is_served(brief):
    brief.read("b", 2.1, found=1)
    assert brief.broken_rules() == set(), "clocks differ a little"
    brief.read("b", 2.5, found=1)
    assert brief.broken_rules() == {c.EXPIRED_SERVED}


def test_a_touch_without_an_answer_may_have_lengthened_it_at_any_time(brief):
    brief.touch(brief.open("a", 1.0, found=1), 1.5, h.UNKNOWN)
    brief.read("b", 5.0, found=1)
    assert brief.broken_rules() == set()


@pytest.mark.parametrize("data", [2, b"rubbish"])
def test_data_that_nobody_wrote(story, data):
    story.read("b", 1.0, found=data)
    assert story.broken_rules() == {c.FOREIGN_DATA}


@pytest.mark.parametrize("outcome", [h.STALE, h.REFUSED])
def test_a_refused_commit_is_stored(story, outcome):
    story.commit(story.open("a", 1.0, found=1), 1.01 + LEASE, 2, outcome)
    story.read("b", 4.0, found=2)
    assert story.broken_rules() == {c.REFUSED_AND_STORED}


def test_a_node_that_was_paused_may_have_stored_and_not_known_it(story):
    opening = story.open("a", 1.0, found=1)
    story.fault(h.PAUSE, "a", 1.05, 4.0)
    story.commit(opening, 1.1, 2, h.STALE, lasts=3.0)
    story.read("b", 2.0, found=2)
    assert story.broken_rules() == set()


def test_the_lock_is_granted_twice_on_a_node(story):
    story.close(story.open("a", 1.0, found=1, connection=1), 1.2)
    story.open("a", 1.2, found=1, connection=2)
    assert story.broken_rules("node") == set()
    story.open("a", 1.1, found=1, connection=3)
    assert story.broken_rules("node") == {c.DOUBLE_GRANT}
    assert story.broken_rules("none") == set()


def test_the_lock_is_granted_on_two_nodes(story):
    story.close(story.open("a", 1.0, found=1), 1.2)
    story.open("b", 1.1, found=1)
    assert story.broken_rules("node") == set()
    assert story.broken_rules() == {c.DOUBLE_GRANT}


@pytest.mark.parametrize("fault", [(h.KILL, "a"), (h.PAUSE, "a"), (h.STALL, "")], ids=str)
def test_a_node_that_died_or_stood_still_has_lost_its_leases(story, fault):
    story.close(story.open("a", 1.0, found=1), 1.3)
    story.fault(*fault, 1.05, 1.1)
    story.open("b", 1.15, found=1)
    assert story.broken_rules() == set()


def test_a_session_that_does_not_exist_or_is_removed_has_no_lease():
    story = Story()
    story.close(story.open("a", 0.0, found=h.ABSENT), 0.2)
    story.close(story.open("b", 0.1, found=h.ABSENT), 0.2)
    story.stored("a", 1.0, 1)
    story.close(story.open("a", 2.0, found=1), 2.2)
    story.destroy("c", 2.05)
    story.stored("c", 2.1, 2)
    story.open("b", 2.15, found=2)
    assert story.broken_rules() == set()


def test_a_holder_is_refused(story):
    opening = story.open("a", 1.0, found=1)
    story.commit(opening, 1.1, 2, h.STALE)
    assert story.broken_rules("none") == story.broken_rules("node") == set()
    assert story.broken_rules() == {c.POSSESSION_BROKEN}


@pytest.mark.parametrize("innocent", [
    lambda story: story.fault(h.PAUSE, "a", 1.05, 1.06), lambda story: story.fault(h.STALL, "", 0.9, 1.3),
    lambda story: story.destroy("b", 1.05)], ids=["pause", "stall", "removal"])
def test_a_holder_that_lost_the_session_is_refused_rightly(story, innocent):
    story.commit(story.open("a", 1.0, found=1), 1.1, 2, h.STALE)
    innocent(story)
    assert story.broken_rules() == set()


def test_the_report_has_what_contradicts_itself_and_nothing_else(story):
    story.read("c", 0.5, found=1)
    story.fault(h.PAUSE, "b", 0.6, 1.2)
    story.fault(h.PAUSE, "c", 0.6, 1.2)
    story.read("b", 1.0, found=h.ABSENT)
    (violation,) = story.violations()
    text = describe(violation, story.history.faults)
    assert violation.found_after == 4
    assert [line.split()[-1] for line in text.splitlines()[1:]] == ["nothing", "b", "nothing"]
    assert "commit ok write 1 on nothing" in text and "pause of b" in text and "node b" in text
