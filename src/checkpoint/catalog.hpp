// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "checkpoint/content.hpp"
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
  CheckpointCatalog(std::shared_ptr<CheckpointStorage> storage, std::string job,
                    std::string instance);

  /// Reads the head of every checkpoint file of the instance. Throws: IoError.
  void load();

  /// What an authority committed, read whole and verified; nullopt if it committed nothing.
  /// Throws: CorruptState if the file is missing, damaged, or has other positions.
  std::optional<CheckpointContent> choose(const CommittedState& committed) const;
  /// The newest one, read whole and verified; nullopt if there is none. Throws: CorruptState.
  std::optional<CheckpointContent> choose_newest(bool may_go_back) const;
  /// The savepoint of that name, verified. Throws: ConfigError if there is none, CorruptState.
  CheckpointContent read_savepoint(const std::string& name) const;

  /// Remembers a checkpoint that has been committed.
  void add(const CheckpointContent& content);
  /// Forgets and removes every file of the instance that neither is reached by `truth` or a kept
  /// checkpoint, nor is a committed one. With an authority, files newer than `truth` were never
  /// committed. Without a truth nothing is removed but what nobody can ever choose.
  void remove_leftovers(const CheckpointContent* truth, bool has_authority);
  /// Removes what `rules` let go after a commit. Returns names that could not be removed.
  std::vector<std::string> retain(const RetentionRules& rules, EventTime now);

  std::uint64_t next_sequence() const;
  const std::vector<StoredCheckpoint>& entries() const noexcept { return entries_; }

 private:
  struct Damaged {
    std::string file;
    std::string reason;
  };

  CheckpointContent read_whole(const std::string& file) const;
  bool is_older_than_readable(const std::string& file) const;
  std::optional<std::string> remove(const std::string& file);

  const std::shared_ptr<CheckpointStorage> storage_;
  const std::string job_;
  const std::string instance_;
  std::vector<StoredCheckpoint> entries_;  // By sequence.
  std::vector<Damaged> damaged_;
  std::vector<std::string> unremoved_;  // Tried again at the next retain().
};

}  // namespace weir::inline v0::detail
