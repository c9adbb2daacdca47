// Which region this node's sessions are in, and whether all nodes agree on that. Pure.
//
// The published region is preferred: the sidecar has seen more than one failed command. But it needs seconds to decide,
// and may be dead, so a node bridges by itself: while a region is failing, commands go to the other one.
//
//   event                                              a region then is
//   a command fails, no other one was answered since   failing; a read that was answered excuses reads only
//     it began
//   two looks in a row fail                            failing
//   it lacks a write that the other region has         failing, whatever it answers
//   everything is answered for bridge_time             well; twice as long each time that it fails commands within
//                                                      relapse_time of its return while looks find nothing: it may
//                                                      read and not write
//
// Each node decides for itself, at another moment, and a visitor clicks on any node. So a node that has a reason to be
// where it is says so in a notice, an item in the table of the region it uses, and all nodes look at the notices of
// both regions:
//
//   bridged    the node cannot reach the other region. Who can reach both goes where that node is
//   published  the sidecar has moved the node to the secondary
//
// A node goes to a region that is wanted more than its own, bridged before published, unless that region fails it. Who
// goes along gives no notice, so notices end with their reasons. Who publishes a way back stays until the last node
// has: then all notices end, and all nodes change together.
//
// Around a change nodes disagree for as long as a look takes, and regions for as long as replication takes. In doubt
// the copies of both regions are compared, and written (following_store.hpp):
//
//   in doubt                                           until
//   a move, or a command has failed                    doubt_time after it
//   a region is well again                             as long after it as it was failing: doubt_time to longest_doubt
//   another region than the published one is in use,   that is over
//     or is wanted
//   a region has not been looked at within look_life   it has: a notice may have been missed
//   a process begins                                   notice_life after it, and longest_doubt after the last bridge
//                                                      that a stamp tells of
//
// Where the region that was left cannot be asked any more, sessions are opened, and commits acknowledged, settle_time
// later, when the other nodes have seen the notice and brought along what they had stored there; later still where a
// look takes long. The same after no region could be reached: nobody knows then what this node is about to store, nor
// does it know what they have stored.
//
// A notice is a stamp that changes while it is meant; the first look at it proves nothing. It is over when a look finds
// the same stamp notice_life after it has changed, by this process's own steady clock; without a look nothing is over.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "mooring/base/clock.hpp"

namespace mooring::sessiond {

constexpr std::chrono::milliseconds between_notice_looks{500};
constexpr std::chrono::seconds notice_life{3};     // without a change
constexpr std::chrono::seconds notice_refresh{1};  // by whoever of those who mean it comes first
constexpr std::chrono::seconds bridge_time{5};
constexpr std::chrono::seconds longest_bridge_time{60};
constexpr std::chrono::minutes relapse_time{5};  // a region that fails again within it has not been well
// A look of every other node, and the time to bring along what it has stored in the last seconds.
constexpr std::chrono::milliseconds settle_time{900};
// The ways that a notice and the replay after it take, in looks of the region, which add to that; and the most they do.
constexpr int looks_to_settle = 4;
constexpr std::chrono::seconds longest_way{2};
// Replication between regions takes less, or has stopped.
constexpr std::chrono::seconds doubt_time{30};
constexpr std::chrono::hours longest_doubt{1};
// A look tells where the other nodes are for so long: a pause, and the time that a slow look may take.
constexpr std::chrono::seconds look_life{2};

// An answered read does not prove that writes work.
enum class command_kind { read, write };
constexpr std::size_t command_kinds = 2;

enum class notice_kind { published, bridged };
constexpr std::size_t notice_kinds = 2;

// The stamps of a region's notice, by kind; empty: nobody has ever given one.
using notice_stamps = std::array<std::string, notice_kinds>;

class region_route {
 public:
  // Regions are numbered from 0, the primary.
  region_route(std::size_t regions, steady_time now);

  // What happened. After any of these, and when time has passed, follow() says what has become of it.
  void publish(std::size_t region);
  // Not a packet to this region until then, as if it failed.
  void avoid(std::size_t region, steady_time until);
  // How a command, begun at `started`, fared. A failure is one that another region may not have.
  void succeeded(std::size_t region, command_kind kind, steady_time now);
  void failed(std::size_t region, command_kind kind, steady_time started, steady_time now);
  // What was stored in the other region could not be stored here as well, where other nodes look for it: this region
  // counts as failing, whatever else it answers.
  void lacks_a_write(std::size_t region, steady_time now);
  // How a look at the region's notice fared: what it says; that it could not be looked at, for a reason that another
  // region may not have; or that this node may not look, and has to do without.
  void looked(std::size_t region, steady_time started, const notice_stamps& seen, steady_time now);
  void look_failed(std::size_t region, steady_time now);
  void look_refused(std::size_t region, steady_time started);
  // By the first look of this process: a bridge was given notice of so long ago.
  void was_bridged(steady_time::duration ago, steady_time now);

  struct change {
    bool moved = false;        // sessions are in another region now
    bool must_replay = false;  // what was stored in the other region lately has to be stored in this one
  };
  change follow(steady_time now);

  std::size_t preferred() const { return preferred_; }
  // Where sessions are; the first one to ask.
  std::size_t in_use() const { return in_use_; }
  std::size_t other_than(std::size_t region) const { return region == 0 ? 1 : 0; }
  bool has_other() const { return sides_.size() > 1; }

  bool avoids(std::size_t region, steady_time now) const;
  bool failing(std::size_t region, steady_time now) const;
  bool bridging(steady_time now) const { return in_use_ != preferred_ && failing(preferred_, now); }
  // The copies of both regions count.
  bool in_doubt(steady_time now) const;
  // Until when another node may still bring along what it has stored in the region that was left.
  steady_time settled_at() const { return settled_at_; }

  // The notice that has to be given in `region` now, unless another node does.
  std::optional<notice_kind> notice_due(std::size_t region, steady_time now) const;

 private:
  struct notice {
    std::string stamp;
    std::optional<steady_time> changed;  // nothing: it is not meant any more
  };
  struct side {
    std::array<std::optional<steady_time>, command_kinds> last_answers;
    std::optional<steady_time> failing_since;  // nothing: it is not failing
    std::optional<steady_time> mended_at;      // when it was failing last
    steady_time::duration bridge{bridge_time};
    std::optional<steady_time> sound_since;  // while failing: no failure since this success
    int failed_looks = 0;                    // in a row
    std::optional<steady_time> avoided_until;
    std::optional<steady_time> looked;         // when the last look began that told something
    std::optional<steady_time::duration> way;  // how long a look usually takes
    bool knows_notices = false;
    std::array<notice, notice_kinds> notices;
  };
  static void note_way(side& which, steady_time::duration look_took);
  static steady_time::duration time_to_settle(const side& which);
  void note_sound(side& which, steady_time now);
  void note_failing(side& which, steady_time now);
  bool is_meant(std::size_t region, notice_kind kind) const;
  bool is_mending(std::size_t region, steady_time now) const;
  int demand(std::size_t region) const;
  std::size_t best(steady_time now) const;
  std::size_t better_of_failing(steady_time now) const;
  std::optional<notice_kind> meant(std::size_t region, steady_time now) const;

  std::vector<side> sides_;
  std::size_t preferred_ = 0;
  std::size_t in_use_ = 0;
  bool replay_wanted_ = false;
  steady_time doubt_until_;
  steady_time settled_at_;
};

}  // namespace mooring::sessiond
