// SPDX-License-Identifier: Apache-2.0
#include "io/part_files.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "weir/detail/assert.hpp"
#include "weir/error.hpp"
#include "weir/stable_hash.hpp"

namespace weir::inline v0::detail {
namespace {

std::string in_hex(std::uint64_t number) {
  std::string text(16, '0');
  for (std::size_t i = text.size(); i > 0; --i, number >>= 4) {
    text[i - 1] = "0123456789abcdef"[number & 0xF];
  }
  return text;
}

std::string words_for(const std::optional<CheckpointName>& checkpoint) {
  if (!checkpoint) return "the job starts without a checkpoint";
  return "checkpoint " + std::to_string(checkpoint->id.value) + " of timeline " +
         checkpoint->timeline + " does not know it";
}

}  // namespace

PartFiles::PartFiles(const FileOutputOptions& options, FileSystem& files, Clock& clock)
    : options_{options}, files_{files}, clock_{clock} {}

std::string PartFiles::directory_of(const std::string& bucket) const {
  return bucket.empty() ? options_.directory : join_path(options_.directory, bucket);
}
std::string PartFiles::hidden_path(const PartName& name) const {
  return join_path(directory_of(name.bucket), hidden_name(name.name));
}
std::string PartFiles::public_path(const PartName& name) const {
  return join_path(directory_of(name.bucket), name.name);
}

// --- recovery ----------------------------------------------------------------------------------

void PartFiles::restore(const std::optional<CheckpointName>& checkpoint, std::string_view bytes) {
  const FileSinkPart part = bytes.empty() ? FileSinkPart{} : FileSinkPart::decode(bytes);
  make_root();
  const std::vector<Found> found = scan();
  check_later(found, part, checkpoint);
  for (const PartName& name : part.pending) publish_one(name);
  sync_directories();
  for (const PartInProgress& file : part.in_progress) reopen(file);
  remove_hidden(found, part);
  begin_run(found, part);
}

void PartFiles::start_without_checkpoints() {
  make_root();
  const std::vector<Found> found = scan();
  remove_hidden(found, {});
  begin_run(found, {});
}

/// The directories above may be new: their names have to last, too.
void PartFiles::make_root() {
  std::string path = options_.directory;
  unsynced_.insert(parent_path(path));
  while (!files_.exists(parent_path(path))) {
    path = parent_path(path);
    unsynced_.insert(parent_path(path));
  }
  files_.create_directories(options_.directory);
}

std::vector<PartFiles::Found> PartFiles::scan() const {
  std::vector<Found> found;
  scan_directory("", found);
  return found;
}

void PartFiles::scan_directory(const std::string& bucket, std::vector<Found>& found) const {
  for (const std::string& name : files_.list(directory_of(bucket))) {
    if (const auto number = parse_file_name(name, options_.prefix)) {
      const bool is_hidden = is_hidden_name(name);
      const std::string plain = is_hidden ? name.substr(kHiddenPrefix.size()) : name;
      found.push_back({{bucket, plain}, is_hidden, *number});
    } else if (name.front() != '.' && files_.is_directory(join_path(directory_of(bucket), name))) {
      scan_directory(bucket.empty() ? name : join_path(bucket, name), found);
    }
  }
}

/// Whether a file was published by a checkpoint after the one that `part` is of.
bool PartFiles::is_later(const Found& file, const FileSinkPart& part) const {
  if (file.is_hidden || file.number.run < part.run) return false;
  const auto is_this = [&](const PartInProgress& each) { return each.name == file.name; };
  return file.number.run > part.run || file.number.token != part.token ||
         file.number.sequence >= part.next_sequence ||
         std::any_of(part.in_progress.begin(), part.in_progress.end(), is_this);
}

void PartFiles::check_later(const std::vector<Found>& found, const FileSinkPart& part,
                            const std::optional<CheckpointName>& checkpoint) const {
  if (options_.keep_later_files) return;
  for (const Found& file : found) {
    if (!is_later(file, part)) continue;
    throw IoError("'" + public_path(file.name) + "' was published, but " + words_for(checkpoint) +
                  ": its records would show twice; remove the files that are too many, use "
                  "another directory, or set keep_later_files");
  }
}

void PartFiles::check_there(const PartInProgress& file) const {
  const std::string path = hidden_path(file.name);
  if (!files_.exists(path)) {
    throw IoError("'" + path + "' is gone; the checkpoint needs " + std::to_string(file.length) +
                  " bytes of it");
  }
  if (const std::uint64_t size = files_.file_size(path); size < file.length) {
    throw IoError("'" + path + "' has " + std::to_string(size) + " bytes; the checkpoint needs " +
                  std::to_string(file.length));
  }
}

void PartFiles::reopen(const PartInProgress& file) {
  // Published later, and that is accepted: what it has is there for good.
  if (options_.keep_later_files && files_.exists(public_path(file.name))) return;
  check_there(file);
  InProgress& kept = in_progress_[file.name.bucket];
  kept.name = file.name.name;
  kept.begun_at = file.begun_at;
  if (open_count_ >= options_.open_files_max) close_one();
  kept.file = files_.open_append(hidden_path(file.name));
  ++open_count_;
  kept.file->truncate(file.length);
  kept.length = file.length;  // Not synced: the truncation has to last before it is published.
}

void PartFiles::remove_hidden(const std::vector<Found>& found, const FileSinkPart& part) {
  std::set<PartName> listed{part.pending.begin(), part.pending.end()};
  for (const PartInProgress& file : part.in_progress) listed.insert(file.name);
  for (const Found& file : found) {
    if (file.is_hidden && listed.count(file.name) == 0) files_.remove(hidden_path(file.name));
  }
}

void PartFiles::begin_run(const std::vector<Found>& found, const FileSinkPart& part) {
  std::uint64_t last_run = part.run;
  for (const Found& file : found) last_run = std::max(last_run, file.number.run);
  next_.run = last_run + 1;
  next_.token = in_hex(stable_hash(
      std::to_string(next_.run) + ' ' + part.token + ' ' + std::to_string(part.next_sequence) +
      ' ' + std::to_string(clock_.now().ms()) + ' ' + std::to_string(clock_.monotonic_ns())));
  next_.sequence = 0;
}

// --- writing -----------------------------------------------------------------------------------

void PartFiles::append(const std::string& bucket, std::string_view bytes) {
  const auto known = in_progress_.find(bucket);
  InProgress& file = known != in_progress_.end() ? known->second : begin_file(bucket);
  WritableFile& target = opened(bucket, file);
  file.is_synced = false;
  file.used_at = ++turn_;
  target.write(bytes);
  file.length += bytes.size();
}

PartFiles::InProgress& PartFiles::begin_file(const std::string& bucket) {
  make_directory(bucket);
  if (open_count_ >= options_.open_files_max) close_one();
  InProgress file;
  file.name = file_name(options_.prefix, next_, options_.suffix);
  file.begun_at = clock_.now();
  file.file = files_.create(hidden_path({bucket, file.name}));
  ++next_.sequence;
  ++open_count_;
  unsynced_.insert(directory_of(bucket));
  InProgress& begun = in_progress_[bucket] = std::move(file);
  if (options_.header.empty()) return begun;
  const std::string first_line = options_.header + '\n';
  begun.file->write(first_line);
  begun.length = first_line.size();
  return begun;
}

void PartFiles::make_directory(const std::string& bucket) {
  if (!known_directories_.insert(bucket).second) return;
  files_.create_directories(directory_of(bucket));
  for (std::size_t slash = 0; slash != std::string::npos && !bucket.empty();) {
    unsynced_.insert(directory_of(bucket.substr(0, slash)));
    slash = bucket.find('/', slash + 1);
  }
}

WritableFile& PartFiles::opened(const std::string& bucket, InProgress& file) {
  if (file.file != nullptr) return *file.file;
  if (open_count_ >= options_.open_files_max) close_one();
  const std::string path = hidden_path({bucket, file.name});
  file.file = files_.open_append(path);
  ++open_count_;
  if (file.file->size() == file.length) return *file.file;
  throw IoError("'" + path + "' has " + std::to_string(file.file->size()) + " bytes instead of " +
                std::to_string(file.length) + "; nobody else may write to it");
}

/// The file that was written to the longest ago gives its descriptor up.
void PartFiles::close_one() {
  InProgress* oldest = nullptr;
  for (auto& [bucket, file] : in_progress_) {
    if (file.file == nullptr) continue;
    if (oldest == nullptr || file.used_at < oldest->used_at) oldest = &file;
  }
  if (oldest == nullptr) return;
  oldest->file->close();
  oldest->file.reset();
  --open_count_;
}

// --- checkpoints -------------------------------------------------------------------------------

bool PartFiles::is_due(const InProgress& file, Duration roll_age) const {
  return file.length >= options_.roll_bytes || clock_.now() - file.begun_at >= roll_age;
}

void PartFiles::sync_file(const std::string& bucket, InProgress& file) {
  if (file.is_synced) return;
  opened(bucket, file).sync();
  file.is_synced = true;
}

void PartFiles::end_file(const std::string& bucket, CheckpointId checkpoint) {
  InProgress& file = in_progress_.at(bucket);
  sync_file(bucket, file);
  if (file.file != nullptr) {
    file.file->close();
    --open_count_;
  }
  pending_.push_back({{bucket, file.name}, checkpoint});
  in_progress_.erase(bucket);
}

void PartFiles::end_oldest(CheckpointId checkpoint) {
  while (in_progress_.size() > options_.buckets_max) {
    const auto oldest = std::min_element(
        in_progress_.begin(), in_progress_.end(),
        [](const auto& a, const auto& b) { return a.second.used_at < b.second.used_at; });
    end_file(std::string{oldest->first}, checkpoint);
  }
}

std::string PartFiles::stage(CheckpointId checkpoint, bool ends_all) {
  std::vector<std::string> due;
  for (const auto& [bucket, file] : in_progress_) {
    if (ends_all || is_due(file, options_.roll_age)) due.push_back(bucket);
  }
  for (const std::string& bucket : due) end_file(bucket, checkpoint);
  end_oldest(checkpoint);
  for (auto& [bucket, file] : in_progress_) sync_file(bucket, file);
  sync_directories();

  FileSinkPart part{next_.run, next_.token, next_.sequence, {}, {}};
  for (const Pending& file : pending_) part.pending.push_back(file.name);
  for (const auto& [bucket, file] : in_progress_) {
    part.in_progress.push_back({{bucket, file.name}, file.length, file.begun_at});
  }
  return part.encode();
}

void PartFiles::publish(CheckpointId checkpoint) {
  const auto is_committed = [&](const Pending& file) { return file.checkpoint <= checkpoint; };
  for (const Pending& file : pending_) {
    if (is_committed(file)) publish_one(file.name);
  }
  sync_directories();
  // Not before: what is not confirmed stays in the next checkpoint.
  pending_.erase(std::remove_if(pending_.begin(), pending_.end(), is_committed), pending_.end());
}

/// Idempotent. If neither name is there, it was published, and somebody has taken the file away.
void PartFiles::publish_one(const PartName& name) {
  const std::string hidden = hidden_path(name);
  const std::string shown = public_path(name);
  const bool is_hidden = files_.exists(hidden);
  if (!is_hidden && !files_.exists(shown)) return;
  unsynced_.insert(directory_of(name.bucket));
  if (is_hidden) files_.rename(hidden, shown);
}

void PartFiles::publish_due(bool ends_all) {
  constexpr CheckpointId kAny{std::numeric_limits<std::uint64_t>::max()};
  const Duration roll_age = options_.roll_age.count() > 0 ? options_.roll_age : Duration::max();
  std::vector<std::string> due;
  for (const auto& [bucket, file] : in_progress_) {
    if (ends_all || is_due(file, roll_age)) due.push_back(bucket);
  }
  for (const std::string& bucket : due) end_file(bucket, kAny);
  end_oldest(kAny);
  if (pending_.empty()) return;
  sync_directories();
  publish(kAny);
}

/// One by one, so that one that fails is tried again.
void PartFiles::sync_directories() {
  while (!unsynced_.empty()) {
    files_.sync_directory(*unsynced_.begin());
    unsynced_.erase(unsynced_.begin());
  }
}

}  // namespace weir::inline v0::detail
