// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/catalog.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "checkpoint/checkpoint_file.hpp"
#include "weir/error.hpp"

namespace weir::inline v0::detail {
namespace {

constexpr const char* kWaysOut =
    "\nways out: restore a savepoint (restore.savepoint, with restore.accept_repeated_output), or "
    "move the file away to go on from the checkpoint before it; either way, output since then is "
    "written again";

constexpr const char* kWaysOutOfAuthority =
    "\nways out: bring the file back, or restore a savepoint (restore.savepoint, with "
    "restore.accept_repeated_output); then output since that savepoint is written again";

StoredCheckpoint stored(const std::string& file, const CheckpointContent& content) {
  return {file, content.identity, content.reach()};
}

/// Runs `read`, and adds what can be done about a damaged file to its error.
template <class Read>
auto with_ways_out(const char* ways_out, Read read) {
  try {
    return read();
  } catch (const CorruptState& error) {
    throw CorruptState(error.what() + std::string{ways_out});
  }
}

/// The authority knows a split by its id alone; one of the sources has it, at that position.
void check_positions(const CheckpointContent& content, const CommittedState& committed,
                     const CommitAuthority& authority) {
  const std::string name = "checkpoint " + to_string(content.identity.name);
  for (const auto& [id, place] : committed.splits) {
    if (!place || !place->checkpoint) continue;
    bool is_known = false;
    bool is_equal = false;
    for (const SplitRecord& split : content.splits) {
      if (split.name.split != id) continue;
      is_known = true;
      is_equal = is_equal || authority.is_same_place(split.position, place->position);
    }
    if (!is_known) {
      throw CorruptState(name + " does not hold split '" + id.value +
                         "', whose committed position names it");
    }
    if (!is_equal) {
      throw CorruptState(name + " and the committed position of split '" + id.value +
                         "' are not of one cut");
    }
  }
}

/// The one checkpoint that everything committed belongs to; nullopt: nothing is committed.
std::optional<CheckpointName> only_checkpoint(const CommittedState& committed) {
  std::optional<CheckpointName> only;
  if (committed.checkpoint) only = committed.checkpoint->checkpoint;
  for (const auto& [id, place] : committed.splits) {
    if (!place || !place->checkpoint) continue;
    const CheckpointName& name = place->checkpoint->checkpoint;
    if (only && *only != name) {
      throw CorruptState("the committed position of split '" + id.value + "' names checkpoint " +
                         to_string(name) + ", another one names checkpoint " + to_string(*only));
    }
    only = name;
  }
  return only;
}

}  // namespace

CheckpointCatalog::CheckpointCatalog(std::shared_ptr<CheckpointStorage> storage,
                                     CheckpointPlace place)
    : storage_{std::move(storage)}, place_{std::move(place)} {}

void CheckpointCatalog::load() {
  entries_.clear();
  damaged_.clear();
  unremoved_.clear();
  for (const std::string& file : storage_->list(instance_folder(place_) + "/")) {
    const std::optional<CheckpointName> name = find_checkpoint_name(file);
    if (!name) continue;
    try {
      const CheckpointContent head = read_checkpoint_head(*storage_, file);
      if (head.identity.name != *name) throw CorruptState("'" + file + "' was renamed");
      entries_.push_back(stored(file, head));
    } catch (const CorruptState& error) {
      damaged_.push_back({file, error.what()});
    }
  }
  std::sort(entries_.begin(), entries_.end(),
            [](const StoredCheckpoint& a, const StoredCheckpoint& b) {
              return a.identity.sequence < b.identity.sequence;
            });
}

CheckpointContent CheckpointCatalog::read_whole(const std::string& file) const {
  CheckpointContent content = read_checkpoint_file(*storage_, file);
  check_reach(content);
  return content;
}

/// Their content is checked when it is loaded; that they are there at all, now.
void CheckpointCatalog::check_reach(const CheckpointContent& content) const {
  std::vector<std::string> files = storage_->list(instance_folder(place_) + "/");
  for (const std::string& file : content.reach()) {
    if (std::binary_search(files.begin(), files.end(), file)) continue;
    if (!file.starts_with(instance_folder(place_) + "/") && storage_->get(file)) continue;
    throw CorruptState("checkpoint " + to_string(content.identity.name) + " needs '" + file +
                       "', which is missing in the checkpoint storage");
  }
}

/// A file of the same timeline with a higher number, or one that builds on it, is committed: then
/// the damaged one cannot be the newest.
bool CheckpointCatalog::is_certainly_older(const Damaged& damaged) const {
  const CheckpointName name = *find_checkpoint_name(damaged.file);
  return std::any_of(entries_.begin(), entries_.end(), [&](const StoredCheckpoint& entry) {
    const bool is_later =
        entry.identity.name.timeline == name.timeline && entry.identity.name.id > name.id;
    return is_later || entry.identity.parent == name;
  });
}

void CheckpointCatalog::forget_uncommitted(std::uint64_t after_sequence) {
  std::erase_if(entries_, [&](const StoredCheckpoint& entry) {
    return entry.identity.sequence > after_sequence;
  });
}

std::optional<CheckpointContent> CheckpointCatalog::choose(const CommittedState& committed,
                                                           const CommitAuthority& authority) {
  const std::optional<CheckpointName> named = only_checkpoint(committed);
  if (!named) {
    // A first start may have written files. One that builds on another shows that there was a
    // commit, which the authority has lost.
    const auto later = std::find_if(
        entries_.begin(), entries_.end(),
        [](const StoredCheckpoint& entry) { return entry.identity.parent.has_value(); });
    if (later != entries_.end()) {
      throw CorruptState(
          "nothing is committed, but '" + later->file +
          "' follows a committed checkpoint: the committed positions have expired or "
          "were reset" +
          kWaysOutOfAuthority);
    }
    forget_uncommitted(0);
    return std::nullopt;
  }
  return with_ways_out(kWaysOutOfAuthority, [&] {
    CheckpointContent content = read_whole(checkpoint_file(place_, *named));
    check_positions(content, committed, authority);
    forget_uncommitted(content.identity.sequence);
    return std::optional{std::move(content)};
  });
}

std::optional<CheckpointContent> CheckpointCatalog::choose_newest(bool may_go_back) const {
  for (const Damaged& damaged : damaged_) {
    if (!may_go_back && !is_certainly_older(damaged)) {
      throw CorruptState(damaged.reason + kWaysOut);
    }
  }
  for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry) {
    try {
      return read_whole(entry->file);
    } catch (const CorruptState& error) {
      if (!may_go_back) throw CorruptState(error.what() + std::string{kWaysOut});
    }
  }
  if (entries_.empty() && damaged_.empty()) return std::nullopt;
  throw CorruptState("no checkpoint in '" + instance_folder(place_) + "' can be used" + kWaysOut);
}

CheckpointContent CheckpointCatalog::read_savepoint(const std::string& name) const {
  std::string file = savepoint_file(name, place_.instance);
  const std::vector<std::string> all = storage_->list("savepoints/");
  if (!std::binary_search(all.begin(), all.end(), file)) {
    std::string known;
    for (const std::string& each : all) known += (known.empty() ? "" : ", ") + each;
    throw ConfigError("there is no savepoint '" + name + "' ('" + file + "'); there " +
                      (known.empty() ? "are none" : "are: " + known));
  }
  return read_savepoint_file(*storage_, file);
}

CheckpointContent CheckpointCatalog::read_kept(const std::string& name) const {
  std::string known;
  for (const StoredCheckpoint& entry : entries_) {
    const std::string each = to_string(entry.identity.name);
    if (each == name) return read_whole(entry.file);
    known += (known.empty() ? "" : ", ") + each;
  }
  throw ConfigError("there is no checkpoint '" + name + "' in '" + instance_folder(place_) +
                    "'; there " + (known.empty() ? "are none" : "are: " + known));
}

void CheckpointCatalog::add(const CheckpointContent& content) {
  entries_.push_back(stored(checkpoint_file(place_, content.identity.name), content));
}

void CheckpointCatalog::remove(const std::set<std::string>& files) {
  for (const std::string& file : files) {
    try {
      storage_->remove(file);
      unremoved_.erase(file);
    } catch (const IoError&) {
      unremoved_.insert(file);  // Reported by retain(), and tried again there.
    }
  }
}

void CheckpointCatalog::remove_leftovers() {
  std::set<std::string> wanted;
  for (const StoredCheckpoint& entry : entries_) {
    wanted.insert(entry.file);
    wanted.insert(entry.reach.begin(), entry.reach.end());
  }
  for (const Damaged& damaged : damaged_) wanted.insert(damaged.file);
  std::set<std::string> leftovers;
  for (const std::string& file : storage_->list(instance_folder(place_) + "/")) {
    if (!wanted.contains(file)) leftovers.insert(file);
  }
  remove(leftovers);
}

std::vector<std::string> CheckpointCatalog::retain(const RetentionRules& rules, EventTime now) {
  const auto kept = kept_checkpoints(entries_, rules, now);
  const std::set<std::string> reachable = reachable_files(kept);
  const std::string ours = instance_folder(place_) + "/";
  std::set<std::string> removed = unremoved_;
  for (const StoredCheckpoint& entry : entries_) {
    const auto let_go = [&](const std::string& file) {
      if (file.starts_with(ours) && !reachable.contains(file)) removed.insert(file);
    };
    let_go(entry.file);
    for (const std::string& file : entry.reach) let_go(file);
  }
  remove(removed);
  // An entry whose file stays is there for its deltas alone, unless it is a kept one.
  std::erase_if(entries_,
                [&](const StoredCheckpoint& entry) { return removed.contains(entry.file); });
  for (StoredCheckpoint& entry : entries_) {
    std::erase_if(entry.reach, [&](const std::string& file) { return removed.contains(file); });
  }
  return {unremoved_.begin(), unremoved_.end()};
}

std::uint64_t CheckpointCatalog::next_sequence() const {
  std::uint64_t highest = 0;
  for (const StoredCheckpoint& entry : entries_) {
    highest = std::max(highest, entry.identity.sequence);
  }
  return highest + 1;
}

bool CheckpointCatalog::has_timeline(const std::string& timeline) const {
  const auto files = storage_->list(instance_folder(place_) + "/" + timeline + "-");
  return !files.empty();
}

bool CheckpointCatalog::has_descendant_of(const std::string& savepoint) const {
  return std::any_of(entries_.begin(), entries_.end(), [&](const StoredCheckpoint& entry) {
    return entry.identity.savepoint == savepoint;
  });
}

}  // namespace weir::inline v0::detail
