// SPDX-License-Identifier: Apache-2.0
#include "rocksdb/sorted_writer.hpp"

#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/sst_file_writer.h>
#include <rocksdb/write_batch.h>

#include <utility>

#include "rocksdb/status.hpp"

namespace weir::inline v0::detail {
namespace {

namespace rocks = ::rocksdb;

rocks::Slice slice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }

rocks::WriteOptions without_log() {
  rocks::WriteOptions options;
  options.disableWAL = true;
  return options;
}

/// Moves what a batch holds into a file.
class BatchToFile final : public rocks::WriteBatch::Handler {
 public:
  explicit BatchToFile(rocks::SstFileWriter& file) : file_{file} {}
  rocks::Status PutCF(std::uint32_t, const rocks::Slice& key, const rocks::Slice& value) override {
    return file_.Put(key, value);
  }
  rocks::Status DeleteCF(std::uint32_t, const rocks::Slice& key) override {
    return file_.Delete(key);
  }

 private:
  rocks::SstFileWriter& file_;
};

}  // namespace

SortedWriter::SortedWriter(rocks::DB& db, const rocks::Options& options, std::string directory)
    : db_{db},
      options_{options},
      directory_{std::move(directory)},
      batch_{std::make_unique<rocks::WriteBatch>()} {}

SortedWriter::~SortedWriter() = default;

void SortedWriter::put(std::string_view key, std::string_view value) {
  if (writes_files()) {
    check(file_->Put(slice(key), slice(value)), "write a file of state");
  } else {
    check(batch_->Put(slice(key), slice(value)), "write state");
  }
}

void SortedWriter::erase(std::string_view key) {
  if (writes_files()) {
    check(file_->Delete(slice(key)), "write a file of state");
  } else {
    check(batch_->Delete(slice(key)), "write state");
  }
}

bool SortedWriter::writes_files() {
  ++entries_;
  if (batch_ == nullptr) {
    if (file_->FileSize() >= kFileBytes) {
      close_file();
      open_file();
    }
    return true;
  }
  if (entries_ <= kBatchEntries) return false;
  open_file();
  BatchToFile mover{*file_};
  check(batch_->Iterate(&mover), "write a file of state");
  batch_.reset();
  return true;
}

void SortedWriter::open_file() {
  paths_.push_back(directory_ + "/ingest-" + std::to_string(paths_.size()) + ".sst");
  file_ = std::make_unique<rocks::SstFileWriter>(rocks::EnvOptions{options_}, options_);
  check(file_->Open(paths_.back()), "open '" + paths_.back() + "'");
}

void SortedWriter::close_file() {
  check(file_->Finish(), "finish '" + paths_.back() + "'");
  file_.reset();
}

void SortedWriter::finish() {
  if (batch_ != nullptr) {
    if (entries_ > 0) check(db_.Write(without_log(), batch_.get()), "write state");
    return;
  }
  close_file();
  rocks::IngestExternalFileOptions ingest;
  ingest.move_files = true;
  ingest.write_global_seqno = false;
  ingest.snapshot_consistency = false;
  check(db_.IngestExternalFile(paths_, ingest), "take over files of state");
}

}  // namespace weir::inline v0::detail
