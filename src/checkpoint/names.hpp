// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "weir/commit.hpp"
#include "weir/ids.hpp"

namespace weir::inline v0::detail {

/// Where the checkpoints of one instance of a job lie.
struct CheckpointPlace {
  std::string job;
  std::string instance;
};

/// A name as one part of a path: letters, digits, '_', '-' and inner '.' stay, the rest becomes
/// %XX.
std::string escape_name(std::string_view name);

/// "words": what the instances of a job lie below.
std::string job_folder(const std::string& job);
/// "words/0": what an instance locks, and below which all its files lie.
std::string instance_folder(const CheckpointPlace& place);
/// "words/0/5f3a...-12.ckpt"
std::string checkpoint_file(const CheckpointPlace& place, const CheckpointName& name);
/// The name in the path of a checkpoint file; nullopt if it is no such file.
std::optional<CheckpointName> find_checkpoint_name(std::string_view file);
/// "words/0/5f3a...-12.base/counts-3": the folder for a base of a shard at a cut.
std::string base_folder(const CheckpointPlace& place, const CheckpointName& cut,
                        std::string_view stage, ShardId shard);
/// "words/0/5f3a...-0.adopted": shards taken over from other instances at the start of a timeline.
std::string adopted_file(const CheckpointPlace& place, const std::string& timeline);
/// "words/1/adopted/0/5f3a...-12.note": instance 1 has read checkpoint 12 of instance 0 as
/// committed.
std::string note_file(const CheckpointPlace& place, const CheckpointPointer& adopted);
/// Whose checkpoint a note is about; nullopt: it is no note. `instance` is an escaped name.
struct Note {
  std::string instance;
  CheckpointName checkpoint;
};
std::optional<Note> find_note(std::string_view file);
/// "savepoints/before-upgrade/0.savepoint". Throws ConfigError unless the name consists of letters,
/// digits, '_', '-' and '.', and starts with none of the last two.
std::string savepoint_file(const std::string& name, const std::string& instance);

/// The name of a timeline: 16 hexadecimal digits.
std::string timeline_name(std::uint64_t random);
/// "5f3a...-12", for messages.
std::string to_string(const CheckpointName& name);

}  // namespace weir::inline v0::detail
