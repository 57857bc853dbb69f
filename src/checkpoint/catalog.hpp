// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "checkpoint/content.hpp"
#include "checkpoint/names.hpp"
#include "checkpoint/retention.hpp"
#include "weir/checkpoint_storage.hpp"
#include "weir/commit.hpp"

namespace weir::inline v0::detail {

/// Which of the stored checkpoints is the truth, and what else is there.
///
/// How one is chosen (README, "Which checkpoint is the truth"):
/// - with an authority: exactly the one that it names, or none;
/// - without: the one with the highest sequence number. If that file is damaged it is an error,
///   because its output may have been published; only who knows that nothing was published or
///   acknowledged may go back to an older one.
///
/// Not thread-safe.
class CheckpointCatalog final {
 public:
  CheckpointCatalog(std::shared_ptr<CheckpointStorage> storage, CheckpointPlace place);

  /// Reads the head of every checkpoint file of the instance. Throws: IoError.
  void load();

  /// What an authority committed, read whole and verified; nullopt if it committed nothing.
  /// Forgets all files that are newer: they were never committed.
  /// Throws: CorruptState if the file is missing, damaged, or has other positions.
  std::optional<CheckpointContent> choose(const CommittedState& committed,
                                          const CommitAuthority& authority);
  /// The newest one, read whole and verified; nullopt if there is none. Throws: CorruptState.
  std::optional<CheckpointContent> choose_newest(bool may_go_back) const;
  /// The savepoint of that name, verified. Throws: ConfigError if there is none, CorruptState.
  CheckpointContent read_savepoint(const std::string& name) const;
  /// The known checkpoint of that name ("<timeline>-<number>"), verified with all that it reaches.
  /// Throws: ConfigError if there is none, CorruptState.
  CheckpointContent read_kept(const std::string& name) const;

  /// Remembers a checkpoint that has been committed.
  void add(const CheckpointContent& content);
  /// Removes every file of the instance that is neither a known checkpoint nor reached by one:
  /// what a crash has left. Damaged files stay, for people to look at. What cannot be removed now
  /// is tried again by retain().
  void remove_leftovers();
  /// Removes what `rules` let go after a commit. Returns the names that could not be removed.
  std::vector<std::string> retain(const RetentionRules& rules, EventTime now);

  /// More than that of any known checkpoint.
  std::uint64_t next_sequence() const;
  /// Whether a file of that timeline is there.
  bool has_timeline(const std::string& timeline) const;
  /// Whether a checkpoint descends from what is called so in CheckpointIdentity::savepoint.
  bool has_descendant_of(const std::string& savepoint) const;
  /// Known checkpoints, the oldest first.
  const std::vector<StoredCheckpoint>& entries() const noexcept { return entries_; }

 private:
  struct Damaged {
    std::string file;
    std::string reason;
  };

  CheckpointContent read_whole(const std::string& file) const;
  void check_reach(const CheckpointContent& content) const;
  bool is_certainly_older(const Damaged& damaged) const;
  void forget_uncommitted(std::uint64_t after_sequence);
  void remove(const std::set<std::string>& files);

  const std::shared_ptr<CheckpointStorage> storage_;  // Shared with the job.
  const CheckpointPlace place_;
  std::vector<StoredCheckpoint> entries_;  // By sequence.
  std::vector<Damaged> damaged_;
  std::set<std::string> unremoved_;
};

}  // namespace weir::inline v0::detail
