// SPDX-License-Identifier: Apache-2.0
#include "weir/detail/io/file_output.hpp"

#include <atomic>
#include <exception>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "io/file_names.hpp"
#include "io/part_files.hpp"
#include "weir/detail/assert.hpp"
#include "weir/error.hpp"
#include "weir/file_system.hpp"

namespace weir::inline v0::detail {
namespace {

/// Bytes of one bucket that are handed over at once.
constexpr std::size_t kBlockBytes = 64 * 1024;
/// What an empty block counts for, so that many buckets have a bound, too.
constexpr std::size_t kBlockCost = 128;

/// What a writer and the storage thread both know of the writer.
struct WriterState {
  std::atomic<std::size_t> queued_bytes = 0;
  std::atomic<bool> is_waiting = false;
  std::function<void()> wake;
};

/// Bytes on their way to a file.
struct Block {
  std::string bucket;
  std::string bytes;
  CheckpointId after;                   ///< The last barrier that the writer had passed.
  std::shared_ptr<WriterState> writer;  // Shared with the writer, which may be gone.
};

std::string without_slash(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

void check_name(std::vector<std::string>& faults, const std::string& what,
                const std::string& name) {
  const bool is_part = name.find('/') == std::string::npos && name.find('\0') == std::string::npos;
  if (!is_part || name.size() > 100) {
    faults.push_back(what + " is '" + name + "'; it must be part of a file name, without '/'");
  }
}

void check_positive(std::vector<std::string>& faults, const std::string& what,
                    std::uint64_t value) {
  if (value == 0) faults.push_back(what + " is 0; it must be 1 or more");
}

std::vector<std::string> faults_of(const FileOutputOptions& options) {
  std::vector<std::string> faults;
  if (options.directory.empty()) faults.emplace_back("the directory to write to is empty");
  check_name(faults, "prefix", options.prefix);
  check_name(faults, "suffix", options.suffix);
  if (options.prefix.empty() || options.prefix.front() == '.') {
    faults.push_back("prefix is '" + options.prefix +
                     "'; it must not be empty, nor begin with a dot, which would hide the files");
  }
  check_positive(faults, "roll_bytes", options.roll_bytes);
  if (options.roll_age.count() < 0) {
    faults.push_back("roll_age is " + std::to_string(options.roll_age.count()) +
                     "ms; it must be 0 or more");
  }
  check_positive(faults, "buffer_bytes", options.buffer_bytes);
  check_positive(faults, "open_files_max", options.open_files_max);
  check_positive(faults, "buckets_max", options.buckets_max);
  return faults;
}

/// The output of one attempt: what writers hand over, in the order in which it is written.
///
/// Two mutexes, because the worker and the storage thread meet here, in an order: `files_mutex_`
/// first, then `inbox_mutex_`. A worker takes the second one only, for a push.
class OutputRun final : public std::enable_shared_from_this<OutputRun> {
 public:
  OutputRun(const FileOutputOptions& options, SinkContext context, std::size_t writers)
      : options_{options},
        context_{std::move(context)},
        writer_count_{writers},
        files_{options_, *context_.files, *context_.clock} {
    context_.files->create_directories(options_.directory);
    directory_lock_ =
        context_.files->lock(join_path(options_.directory, ".lock-" + options_.prefix),
                             "file sink '" + context_.node + "'");
    if (!context_.has_checkpoints) files_.start_without_checkpoints();
    is_restored_ = !context_.has_checkpoints;
  }

  const FileOutputOptions& options() const { return options_; }
  bool is_restored() const { return is_restored_; }

  /// Counts the writers, too: the lock is theirs when all of them are there.
  std::shared_ptr<FileLock> lock_for_writer() {
    std::shared_ptr<FileLock> lock = directory_lock_;
    if (++made_count_ == writer_count_) directory_lock_.reset();
    return lock;
  }

  // Of workers.

  void hand_over(Block block) {
    block.writer->queued_bytes += block.bytes.size();
    const std::scoped_lock lock{inbox_mutex_};
    inbox_.push_back(std::move(block));
    request_drain();
  }
  void passed(CheckpointId checkpoint) {
    const std::scoped_lock lock{inbox_mutex_};
    ++passed_[checkpoint];
  }
  void ended() {
    const std::scoped_lock lock{inbox_mutex_};
    ++ended_count_;
    request_drain();
  }

  // Of the storage thread.

  void restore(const std::optional<CheckpointName>& checkpoint, std::string_view part) {
    const std::scoped_lock lock{files_mutex_};
    files_.restore(checkpoint, part);
    is_restored_ = true;
  }
  std::string stage(CheckpointId checkpoint) {
    const std::scoped_lock lock{files_mutex_};
    WEIR_ASSERT(is_restored_, "checkpoint", checkpoint);
    if (failure_ != nullptr) std::rethrow_exception(failure_);
    try {
      take_inbox(checkpoint);
      std::string part = files_.stage(checkpoint, have_all_ended() && held_.empty());
      staged_ = checkpoint;
      write_held();
      return part;
    } catch (...) {
      failure_ = std::current_exception();
      throw;
    }
  }
  void publish(CheckpointId checkpoint) {
    const std::scoped_lock lock{files_mutex_};
    files_.publish(checkpoint);
  }

 private:
  /// Requires: inbox_mutex_.
  void request_drain() {
    if (std::exchange(is_drain_requested_, true)) return;
    context_.on_storage_thread([weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->drain();
    });
  }

  void drain() {
    const std::scoped_lock lock{files_mutex_};
    if (failure_ != nullptr) return;
    try {
      take_inbox(std::nullopt);
      write_held();
      if (!context_.has_checkpoints) files_.publish_due(have_all_ended());
    } catch (...) {
      failure_ = std::current_exception();  // Carried: the attempt ends with it.
      context_.fail(failure_);
    }
  }

  /// Before a checkpoint, checks that nothing of it can come any more.
  void take_inbox(std::optional<CheckpointId> checkpoint) {
    std::vector<Block> blocks;
    {
      const std::scoped_lock lock{inbox_mutex_};
      is_drain_requested_ = false;
      blocks.swap(inbox_);
      if (checkpoint) {
        const std::size_t passed = passed_[*checkpoint];
        WEIR_ASSERT(passed + ended_count_ >= writer_count_, "checkpoint", *checkpoint, "passed",
                    passed, "writers", writer_count_);
        passed_.erase(passed_.begin(), passed_.upper_bound(*checkpoint));
      }
    }
    for (Block& block : blocks) held_.push_back(std::move(block));
    if (checkpoint) write_those([&](const Block& block) { return block.after < *checkpoint; });
  }

  /// What belongs to the next checkpoint; the rest has to wait for one that is not staged yet.
  void write_held() {
    write_those([&](const Block& block) { return block.after <= staged_; });
  }

  template <class Predicate>
  void write_those(const Predicate& is_due) {
    std::vector<Block> kept;
    for (Block& block : held_) {
      if (!is_due(block)) {
        kept.push_back(std::move(block));
        continue;
      }
      files_.append(block.bucket, block.bytes);
      WriterState& writer = *block.writer;
      writer.queued_bytes -= block.bytes.size();
      if (writer.is_waiting.exchange(false)) writer.wake();
    }
    held_.swap(kept);
  }

  bool have_all_ended() {
    const std::scoped_lock lock{inbox_mutex_};
    return ended_count_ >= writer_count_ && inbox_.empty();
  }

  const FileOutputOptions options_;
  const SinkContext context_;
  const std::size_t writer_count_;
  std::shared_ptr<FileLock> directory_lock_;  // The writers' in the end: it goes with the last one.
  std::size_t made_count_ = 0;

  std::mutex files_mutex_;  // Guards the files: recovery may come from another thread.
  PartFiles files_;
  std::vector<Block> held_;
  CheckpointId staged_;
  bool is_restored_ = false;
  std::exception_ptr failure_;

  std::mutex inbox_mutex_;  // Guards what follows.
  std::vector<Block> inbox_;
  std::map<CheckpointId, std::size_t> passed_;
  std::size_t ended_count_ = 0;
  bool is_drain_requested_ = false;
};

class OutputWriter final : public FileOutputWriter {
 public:
  OutputWriter(std::shared_ptr<OutputRun> run, std::function<void()> wake)
      : run_{std::move(run)},
        lock_{run_->lock_for_writer()},
        state_{std::make_shared<WriterState>()} {
    state_->wake = std::move(wake);
  }

  bool ready() override {
    if (state_->queued_bytes < run_->options().buffer_bytes) return true;
    state_->is_waiting = true;  // Then look again: who makes room looks at this after it.
    return state_->queued_bytes < run_->options().buffer_bytes;
  }

  std::string& block(std::string_view bucket) override {
    if (last_ == nullptr || last_->first != bucket) last_ = &find(bucket);
    return last_->second;
  }

  void appended(std::size_t bytes) override {
    local_bytes_ += bytes;
    if (last_->second.size() >= kBlockBytes) {
      local_bytes_ -= last_->second.size();
      hand_over(last_->first, std::exchange(last_->second, {}));
    }
    if (local_bytes_ > run_->options().buffer_bytes / 2) hand_over_all();
  }

  void barrier(CheckpointId checkpoint) override {
    hand_over_all();
    after_ = checkpoint;
    run_->passed(checkpoint);
  }

  void end() override {
    hand_over_all();
    run_->ended();
  }

 private:
  using Blocks = std::map<std::string, std::string, std::less<>>;

  Blocks::value_type& find(std::string_view bucket) {
    const auto known = blocks_.find(bucket);
    if (known != blocks_.end()) return *known;
    if (const std::string why = why_bucket_is_wrong(bucket); !why.empty()) {
      throw BadRecord("the bucket of a record " + why +
                      "; it must be a path below the directory of the sink");
    }
    local_bytes_ += kBlockCost + bucket.size();
    return *blocks_.emplace(bucket, std::string{}).first;
  }

  void hand_over(const std::string& bucket, std::string bytes) {
    if (!bytes.empty()) run_->hand_over({bucket, std::move(bytes), after_, state_});
  }

  void hand_over_all() {
    for (auto& [bucket, bytes] : blocks_) hand_over(bucket, std::move(bytes));
    blocks_.clear();
    last_ = nullptr;
    local_bytes_ = 0;
  }

  const std::shared_ptr<OutputRun> run_;      // Shared with the other writers and the participant.
  const std::shared_ptr<FileLock> lock_;      // Shared with the other writers.
  CheckpointId after_;                        // Of this timeline, so it starts at 0.
  const std::shared_ptr<WriterState> state_;  // Shared with blocks under way.
  Blocks blocks_;
  Blocks::value_type* last_ = nullptr;
  std::size_t local_bytes_ = 0;
};

/// Keeps the run of the current attempt, and what is to be restored before there is one.
class FileOutputOfJob final : public FileOutput {
 public:
  explicit FileOutputOfJob(FileOutputOptions options) : options_{std::move(options)} {}

  std::vector<std::string> faults() const override { return faults_of(options_); }
  std::string name() const override {
    return "files:" + options_.directory + "/" + options_.prefix;
  }

  void open(const SinkContext& context, std::size_t writers) override {
    const std::scoped_lock lock{mutex_};
    run_.reset();  // It may hold the lock still.
    run_ = std::make_shared<OutputRun>(options_, context, writers);
    const std::optional<Recovery> recovery = std::exchange(recovery_, std::nullopt);
    if (recovery && context.has_checkpoints) {
      run_->restore(recovery->checkpoint, recovery->part);
    }
  }

  std::unique_ptr<FileOutputWriter> writer(const SinkContext& context) override {
    const std::scoped_lock lock{mutex_};
    WEIR_ASSERT(run_ != nullptr);
    return std::make_unique<OutputWriter>(run_, context.wake);
  }

  void restore(const std::optional<CheckpointName>& checkpoint, std::string_view part) override {
    const std::scoped_lock lock{mutex_};
    if (run_ != nullptr && !run_->is_restored()) return run_->restore(checkpoint, part);
    run_.reset();  // Of the attempt before; open() makes the next one.
    recovery_ = Recovery{checkpoint, std::string{part}};
  }

  std::string stage(CheckpointId checkpoint) override { return run()->stage(checkpoint); }
  void publish(CheckpointId checkpoint) override { run()->publish(checkpoint); }

 private:
  struct Recovery {
    std::optional<CheckpointName> checkpoint;
    std::string part;
  };

  std::shared_ptr<OutputRun> run() {
    const std::scoped_lock lock{mutex_};
    WEIR_ASSERT(run_ != nullptr);
    return run_;
  }

  const FileOutputOptions options_;
  std::mutex mutex_;  // Guards the rest: attempts are opened by one thread, committed by another.
  std::shared_ptr<OutputRun> run_;  // Shared with the writers.
  std::optional<Recovery> recovery_;
};

}  // namespace

std::shared_ptr<FileOutput> FileOutput::make(FileOutputOptions options) {
  options.directory = without_slash(std::move(options.directory));
  return std::make_shared<FileOutputOfJob>(std::move(options));
}

}  // namespace weir::inline v0::detail
