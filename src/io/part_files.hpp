// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "io/file_names.hpp"
#include "weir/clock.hpp"
#include "weir/commit.hpp"
#include "weir/detail/io/file_output.hpp"
#include "weir/file_system.hpp"

namespace weir::inline v0::detail {

/// A file of the sink: its bucket, and the name it has once it is published.
struct PartName {
  std::string bucket;
  std::string name;
  friend auto operator<=>(const PartName&, const PartName&) = default;
};

/// A file that is begun and not ended, as a checkpoint knows it.
struct PartInProgress {
  PartName name;
  std::uint64_t length = 0;  ///< Bytes that belong to the checkpoint.
  EventTime begun_at;
};

/// What a checkpoint remembers of a file sink.
struct FileSinkPart {
  std::uint64_t run = 0;
  std::string token;
  std::uint64_t next_sequence = 0;
  std::vector<PartName> pending;  ///< Ended; to be published, or published already.
  std::vector<PartInProgress> in_progress;

  std::string encode() const;
  /// Throws: CorruptState.
  static FileSinkPart decode(std::string_view bytes);
};

/// The files of one sink, step by step as src/io/README.md says. One thread at a time.
///
/// Invariants:
/// 1. A file has its published name only when a checkpoint that lists it as pending is committed.
/// 2. A name is never used twice: every restore draws a new run and token.
/// 3. What a staged checkpoint lists is on the disk, up to the lengths it lists, with its names.
class PartFiles final {
 public:
  PartFiles(const FileOutputOptions& options, FileSystem& files, Clock& clock);

  /// Goes back to what `part` says; empty: to nothing. Throws: IoError, CorruptState.
  void restore(const std::optional<CheckpointName>& checkpoint, std::string_view part);
  /// Starts without checkpoints: removes what an earlier run left hidden.
  void start_without_checkpoints();

  void append(const std::string& bucket, std::string_view bytes);
  /// Makes everything durable, ends what is due, or everything, and returns what to remember.
  std::string stage(CheckpointId checkpoint, bool ends_all);
  /// Gives files that ended up to `checkpoint` their names.
  void publish(CheckpointId checkpoint);
  /// Without checkpoints: publishes what is due, or everything.
  void publish_due(bool ends_all);

 private:
  struct InProgress {
    std::string name;
    std::uint64_t length = 0;
    bool is_synced = false;
    EventTime begun_at;
    std::uint64_t used_at = 0;  ///< Turns of append(): which was written to the longest ago.
    std::unique_ptr<WritableFile> file;  ///< Null: closed for now.
  };
  struct Pending {
    PartName name;
    CheckpointId checkpoint;
  };
  struct Found {
    PartName name;  ///< Without what hides it.
    bool is_hidden = false;
    FileNumber number;
  };

  std::string directory_of(const std::string& bucket) const;
  std::string hidden_path(const PartName& name) const;
  std::string public_path(const PartName& name) const;

  std::vector<Found> scan() const;
  void scan_directory(const std::string& bucket, std::vector<Found>& found) const;
  bool is_later(const Found& file, const FileSinkPart& part) const;
  void check_later(const std::vector<Found>& found, const FileSinkPart& part,
                   const std::optional<CheckpointName>& checkpoint) const;
  void reopen(const PartInProgress& file);
  void check_there(const PartInProgress& file) const;
  void remove_hidden(const std::vector<Found>& found, const FileSinkPart& part);
  void begin_run(const std::vector<Found>& found, const FileSinkPart& part);
  void make_root();

  InProgress& begin_file(const std::string& bucket);
  void make_directory(const std::string& bucket);
  WritableFile& opened(const std::string& bucket, InProgress& file);
  void close_one();
  bool is_due(const InProgress& file, Duration roll_age) const;
  void sync_file(const std::string& bucket, InProgress& file);
  void end_oldest(CheckpointId checkpoint);
  void end_file(const std::string& bucket, CheckpointId checkpoint);
  void publish_one(const PartName& name);
  void sync_directories();

  const FileOutputOptions& options_;
  FileSystem& files_;
  Clock& clock_;

  FileNumber next_;  // Of the next file.
  std::map<std::string, InProgress> in_progress_;
  std::vector<Pending> pending_;
  std::set<std::string> known_directories_;  // Buckets whose directories are there.
  std::set<std::string> unsynced_;           // Directories whose names may be forgotten.
  std::size_t open_count_ = 0;
  std::uint64_t turn_ = 0;
};

}  // namespace weir::inline v0::detail
