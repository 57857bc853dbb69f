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

StoredCheckpoint stored(const std::string& file, const CheckpointContent& content) {
  return {file, content.identity, content.reach()};
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
  check_reach(content, file.substr(0, file.rfind('/') + 1));
  return content;
}

/// Their content is checked when it is loaded; that they are there at all, now.
void CheckpointCatalog::check_reach(const CheckpointContent& content,
                                    const std::string& folder) const {
  std::vector<std::string> files = storage_->list(folder);
  for (const std::string& file : content.reach()) {
    if (std::binary_search(files.begin(), files.end(), file)) continue;
    if (!file.starts_with(folder) && storage_->get(file)) continue;
    throw CorruptState("checkpoint " + to_string(content.identity.name) + " needs '" + file +
                       "', which is missing in the checkpoint storage");
  }
}

CheckpointContent CheckpointCatalog::read(const CheckpointPointer& pointer) const {
  const std::string file = checkpoint_file({place_.job, pointer.instance}, pointer.checkpoint);
  CheckpointContent content = read_whole(file);
  const bool is_it =
      content.identity.name == pointer.checkpoint && content.identity.instance == pointer.instance;
  if (!is_it) throw CorruptState("'" + file + "' was renamed");
  return content;
}

std::optional<CheckpointContent> CheckpointCatalog::find_head(
    const CheckpointPointer& pointer) const {
  try {
    return read_checkpoint_head(
        *storage_, checkpoint_file({place_.job, pointer.instance}, pointer.checkpoint));
  } catch (const CorruptState&) {
    return std::nullopt;  // Missing: who is pointed there gets the error.
  }
}

std::optional<std::string> CheckpointCatalog::find_successor() const {
  for (const std::string& file : storage_->list(job_folder(place_.job) + "/")) {
    if (!find_checkpoint_name(file)) continue;
    try {
      if (read_checkpoint_head(*storage_, file).identity.parent) return file;
    } catch (const CorruptState&) {
      continue;  // Damaged, or just removed: it shows nothing.
    }
  }
  return std::nullopt;
}

std::set<CheckpointName> CheckpointCatalog::noted() const {
  std::set<CheckpointName> names;
  for (const std::string& file : storage_->list(job_folder(place_.job) + "/")) {
    const std::optional<Note> note = find_note(file);
    if (note && note->instance == escape_name(place_.instance)) names.insert(note->checkpoint);
  }
  return names;
}

void CheckpointCatalog::note(const CheckpointPointer& pointer) {
  storage_->put_if_absent(note_file(place_, pointer), [&](const ChunkSink& sink) {
    sink("checkpoint " + to_string(pointer.checkpoint) + " of instance '" + pointer.instance +
         "' was committed\n");
  });
}

/// Until the instance has committed something later and let go of that checkpoint.
bool CheckpointCatalog::is_note_of_use(const std::string& file) const {
  const std::optional<Note> note = find_note(file);
  if (!note) return false;
  const std::string folder = job_folder(place_.job) + "/" + note->instance + "/";
  return storage_->get(folder + to_string(note->checkpoint) + ".ckpt") != nullptr;
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

void CheckpointCatalog::forget_after(std::uint64_t sequence) {
  std::erase_if(entries_,
                [&](const StoredCheckpoint& entry) { return entry.identity.sequence > sequence; });
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
    if (!wanted.contains(file) && !is_note_of_use(file)) leftovers.insert(file);
  }
  remove(leftovers);
}

std::vector<std::string> CheckpointCatalog::retain(const RetentionRules& rules, EventTime now,
                                                   const AskOthers& ask_others) {
  auto kept = kept_checkpoints(entries_, rules, now);
  if (ask_others && kept.size() < entries_.size()) {
    for (const CheckpointName& name : ask_others()) {
      if (const StoredCheckpoint* entry = find(name)) kept.push_back(entry);
    }
  }
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

const StoredCheckpoint* CheckpointCatalog::find(const CheckpointName& name) const {
  const auto found =
      std::find_if(entries_.begin(), entries_.end(),
                   [&](const StoredCheckpoint& entry) { return entry.identity.name == name; });
  return found == entries_.end() ? nullptr : &*found;
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
