// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "weir/kafka_client.hpp"

namespace weir::inline v0::testing {

/// One consumer group as its coordinator sees it: members, generations, the eager protocol with
/// the range assignor, static membership. Knows no clients and no clock: it is told the time.
///
/// Invariants:
/// 1. The generation grows when a rebalance completes, and never else.
/// 2. While stable, each partition of the subscribed topics belongs to exactly one member.
/// 3. An instance has one member; ids that were replaced stay fenced for ever.
class KafkaGroup final {
 public:
  /// How many partitions each topic has.
  using Topics = std::map<std::string, std::uint32_t>;

  struct Joining {
    std::string instance;             ///< Of a static member; empty: a dynamic one.
    std::vector<std::string> topics;  ///< Names, and patterns that start with '^'.
    std::int64_t session_ns = 0;
    /// How long a rebalance waits for the member, and a member may go without asking.
    std::int64_t poll_interval_ns = 0;
  };
  /// What a member has to do.
  enum class Standing : std::uint8_t {
    unknown,  ///< The group does not know it: it has lost what it had.
    fenced,   ///< Another one has taken over its instance.
    rejoin,   ///< Gives up what it has, and joins again.
    waiting,  ///< For the others to join.
    stable,   ///< Its assignment is there.
  };

  /// Joins anew (`id` is empty or unknown), or again. Returns the member's id.
  std::string join(const std::string& id, const Joining& joining, std::int64_t now_ns,
                   const Topics& topics);
  void leave(const std::string& id, std::int64_t now_ns, const Topics& topics);
  /// The member's process lives.
  void heartbeat(const std::string& id, std::int64_t now_ns);
  /// The member's own loop goes round.
  void polled(const std::string& id, std::int64_t now_ns);
  /// Members whose time ran out are gone; a stable group whose topics have changed rebalances.
  void refresh(std::int64_t now_ns, const Topics& topics);
  /// Everybody has to join again.
  void rebalance(std::int64_t now_ns);

  Standing standing(const std::string& id) const;
  std::int32_t generation() const noexcept { return generation_; }
  std::vector<kafka::TopicPartition> assignment(const std::string& id) const;
  bool has_members() const noexcept { return !members_.empty(); }
  /// Instance names, or ids of dynamic members, in the order of the assignor.
  std::vector<std::string> member_names() const;
  /// The id of the member that member_names() calls so; empty: none.
  std::string id_of(const std::string& name) const;

  /// Throws KafkaError when somebody who says this of itself may not commit.
  void check(const std::string& id, const std::string& instance, std::int32_t generation) const;

 private:
  struct Member {
    Joining joining;
    std::int64_t last_seen_ns = 0;
    std::int64_t last_poll_ns = 0;
    bool has_joined = false;
    std::vector<kafka::TopicPartition> assignment;
  };
  using Members = std::map<std::string, Member>;

  bool is_late(const Member& member, std::int64_t now_ns) const;
  void start_rebalance(std::int64_t now_ns);
  void complete_if_all_joined(const Topics& topics);
  void assign(const Topics& topics);
  std::vector<Members::iterator> in_order();
  void remove(const std::string& id);
  std::string take_over(const std::string& old_id, const Joining& joining, std::int64_t now_ns);

  Members members_;
  std::map<std::string, std::string> id_of_instance_;
  std::set<std::string> fenced_;
  std::int32_t generation_ = 0;
  bool is_rebalancing_ = false;
  std::int64_t rebalance_start_ns_ = 0;
  std::uint64_t id_count_ = 0;
  Topics assigned_topics_;  // What the assignment at hand was made of.
};

/// The topics among `all` that names and patterns stand for.
KafkaGroup::Topics matching_topics(const std::vector<std::string>& names,
                                   const KafkaGroup::Topics& all);

}  // namespace weir::inline v0::testing
