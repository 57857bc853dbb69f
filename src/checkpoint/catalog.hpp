// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
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

/// What is stored of the checkpoints of an instance, and, to read, of the others of its job.
///
/// Not thread-safe.
class CheckpointCatalog final {
 public:
  CheckpointCatalog(std::shared_ptr<CheckpointStorage> storage, CheckpointPlace place);

  /// Reads the head of every checkpoint file of the instance. Throws: IoError.
  void load();

  /// A checkpoint of any instance, read whole and verified with all that it reaches.
  /// Throws: CorruptState, also if it is missing.
  CheckpointContent read(const CheckpointPointer& pointer) const;
  /// The same without what it reaches; nullopt: it cannot be read.
  std::optional<CheckpointContent> find_head(const CheckpointPointer& pointer) const;
  /// A checkpoint file of any instance that builds on a committed one.
  std::optional<std::string> find_successor() const;
  /// Own checkpoints that other instances have read as committed.
  std::set<CheckpointName> noted() const;
  /// Notes that another instance's checkpoint was committed: soon no position may say so any more.
  void note(const CheckpointPointer& pointer);
  /// Forgets the files with a higher sequence: they were never committed.
  void forget_after(std::uint64_t sequence);
  /// The newest one, read whole and verified; nullopt if there is none. If that file is damaged it
  /// is an error, because its output may have been published; only who knows that nothing was
  /// published or acknowledged may go back to an older one. Throws: CorruptState.
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
  /// Removes what `rules` let go after a commit, but for what `ask_others` names, which is asked
  /// when there is something to remove. Returns the names that could not be removed.
  using AskOthers = std::function<std::set<CheckpointName>()>;
  std::vector<std::string> retain(const RetentionRules& rules, EventTime now,
                                  const AskOthers& ask_others = nullptr);

  /// More than that of any known checkpoint.
  std::uint64_t next_sequence() const;
  /// Whether a file of that timeline is there.
  bool has_timeline(const std::string& timeline) const;
  /// Whether a checkpoint descends from what is called so in CheckpointIdentity::savepoint.
  bool has_descendant_of(const std::string& savepoint) const;
  /// The known checkpoint of that name; null: there is none.
  const StoredCheckpoint* find(const CheckpointName& name) const;
  /// Known checkpoints, the oldest first.
  const std::vector<StoredCheckpoint>& entries() const noexcept { return entries_; }

 private:
  struct Damaged {
    std::string file;
    std::string reason;
  };

  CheckpointContent read_whole(const std::string& file) const;
  void check_reach(const CheckpointContent& content, const std::string& folder) const;
  bool is_certainly_older(const Damaged& damaged) const;
  bool is_note_of_use(const std::string& file) const;
  void remove(const std::set<std::string>& files);

  const std::shared_ptr<CheckpointStorage> storage_;  // Shared with the job.
  const CheckpointPlace place_;
  std::vector<StoredCheckpoint> entries_;  // By sequence.
  std::vector<Damaged> damaged_;
  std::set<std::string> unremoved_;
};

}  // namespace weir::inline v0::detail
