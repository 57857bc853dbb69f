// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/compatibility.hpp"

#include <algorithm>
#include <utility>

#include "weir/error.hpp"

namespace weir::inline v0::detail {
namespace {

template <class Item>
const Item* find_by_name(const std::vector<Item>& items, const std::string& name) {
  const auto found =
      std::find_if(items.begin(), items.end(), [&](const Item& item) { return item.name == name; });
  return found == items.end() ? nullptr : &*found;
}

std::string in_words(const Partitioning& partitioning) {
  switch (partitioning.kind) {
    case Partitioning::Kind::none:
      return "not keyed";
    case Partitioning::Kind::range:
      return std::to_string(partitioning.shards) + " shards over " +
             std::to_string(partitioning.key_groups) + " key groups";
    case Partitioning::Kind::external:
      return "the " + std::to_string(partitioning.shards) + " partitions of topic '" +
             partitioning.topic + "'";
  }
  return "unknown";
}

/// Ranges can be cut anew, as long as keys have the same groups; what a foreign producer spread can
/// be gathered into ranges, but not the other way round.
bool can_resplit(const Partitioning& before, const Partitioning& now) {
  if (now.kind != Partitioning::Kind::range) return false;
  if (before.kind == Partitioning::Kind::external) return true;
  return before.kind == Partitioning::Kind::range && before.key_groups == now.key_groups;
}

std::string advice(const Partitioning& before, const Partitioning& now) {
  const bool is_same_topic = before.kind == Partitioning::Kind::external &&
                             now.kind == before.kind && before.topic == now.topic;
  if (!is_same_topic) return "only a savepoint can be restored into another number of shards";
  return "a topic that has grown under keyed_by_partition() has its keys away from their state: "
         "write it anew under another name, or go on from a savepoint without "
         "keyed_by_partition()";
}

/// Collects what does not fit.
class Comparison final {
 public:
  Comparison(const JobShape& job, const CompatibilityOptions& options)
      : job_{job}, now_{job.topology}, options_{options} {}

  void compare(const StageRecord& before) {
    const StageRecord* now = find_by_name(now_.stages, before.name);
    if (now == nullptr) {
      if (!options_.drop_removed_nodes) {
        add("stage '" + before.name + "' is gone, or has another name");
      }
      return;
    }
    if (now->partitioning == before.partitioning) return;
    if (options_.may_resplit && can_resplit(before.partitioning, now->partitioning)) return;
    add("stage '" + before.name + "' was " + in_words(before.partitioning) + " and is " +
        in_words(now->partitioning) + "; " + advice(before.partitioning, now->partitioning));
  }

  void compare(const NodeRecord& before) {
    const NodeRecord* now = find_by_name(now_.nodes, before.name);
    if (now == nullptr) {
      if (!options_.drop_removed_nodes) {
        add("node '" + before.name + "' (" + before.kind + ") is gone, or has another name; give " +
            "it its name back, or set restore.drop_removed_nodes to drop its state");
      }
      return;
    }
    if (now->kind != before.kind) {
      add("node '" + before.name + "' was of kind " + before.kind + " and is of kind " + now->kind);
      return;
    }
    if (now->tables.empty()) return;
    for (const TableRecord& table : before.tables) compare(before, table, *now);
  }

  /// Without the sink, nobody makes visible what it had staged.
  void compare(const ParticipantRecord& before) {
    const auto& names = job_.participants;
    if (options_.drop_removed_nodes || before.part.empty()) return;
    if (std::find(names.begin(), names.end(), before.name) != names.end()) return;
    add("sink '" + before.name + "' is gone, or has another name: what it has written and not " +
        "published yet would be lost; set restore.drop_removed_nodes to accept that");
  }

  std::vector<std::string> take() { return std::move(differences_); }

 private:
  void compare(const NodeRecord& node, const TableRecord& before, const NodeRecord& now_node) {
    const TableRecord* now = find_by_name(now_node.tables, before.name);
    const std::string table = "table '" + before.name + "' of node '" + node.name + "'";
    if (now == nullptr) {
      if (!options_.drop_removed_nodes) add(table + " is gone");
    } else if (now->fingerprint != before.fingerprint) {
      add(table + " held " + before.fingerprint + " and holds " + now->fingerprint);
    }
  }

  void add(std::string difference) { differences_.push_back(std::move(difference)); }

  const JobShape& job_;
  const TopologyRecord& now_;
  const CompatibilityOptions& options_;
  std::vector<std::string> differences_;
};

}  // namespace

std::vector<std::string> find_differences(const CheckpointContent& before, const JobShape& job,
                                          const CompatibilityOptions& options) {
  Comparison comparison{job, options};
  for (const StageRecord& stage : before.topology.stages) comparison.compare(stage);
  for (const NodeRecord& node : before.topology.nodes) comparison.compare(node);
  for (const ParticipantRecord& each : before.participants) comparison.compare(each);
  return comparison.take();
}

void check_compatibility(const std::string& what, const CheckpointContent& before,
                         const JobShape& job, const CompatibilityOptions& options) {
  const std::vector<std::string> differences = find_differences(before, job, options);
  if (differences.empty()) return;
  std::string text = what + " does not fit the topology:";
  for (const std::string& difference : differences) text += "\n  " + difference;
  throw IncompatibleState(text);
}

void drop_removed(CheckpointContent& content, const TopologyRecord& topology) {
  const auto is_gone = [&](const std::string& stage) {
    return find_by_name(topology.stages, stage) == nullptr;
  };
  std::erase_if(content.splits,
                [&](const SplitRecord& split) { return is_gone(split.name.source); });
  std::erase_if(content.shards, [&](const ShardRecord& shard) { return is_gone(shard.stage); });
}

}  // namespace weir::inline v0::detail
