// SPDX-License-Identifier: Apache-2.0
#include <rocksdb/db.h>
#include <rocksdb/utilities/checkpoint.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "rocksdb/rocks_store.hpp"
#include "rocksdb/status.hpp"
#include "weir/error.hpp"

// Bases of a RocksDB store: the files of a RocksDB checkpoint, each an object in the storage.

namespace weir::inline v0::detail {
namespace {

namespace rocks = ::rocksdb;

constexpr const char* kKind = "rocksdb";
constexpr std::size_t kCopyBytes = std::size_t{256} << 10;

/// Files of this kind are never changed once they are written.
bool is_immutable(const std::string& name) {
  constexpr std::string_view kSuffix = ".sst";
  return name.size() > kSuffix.size() &&
         name.compare(name.size() - kSuffix.size(), kSuffix.size(), kSuffix) == 0;
}

void copy_object(const std::string& name, CheckpointStorage& storage, WritableFile& to) {
  const std::unique_ptr<ChunkReader> reader = storage.get(name);
  if (reader == nullptr) throw CorruptState{"'" + name + "' is missing in the storage"};
  for (std::string chunk = reader->read(kCopyBytes); !chunk.empty();
       chunk = reader->read(kCopyBytes)) {
    to.write(chunk);
  }
  to.close();
}

}  // namespace

Base RocksStore::make_base(const BaseRequest& request) {
  Base base{kKind, request.cut, request.schema, {}};
  if (owned_ == nullptr) return base;  // Nothing was ever kept: a base without files.
  const std::string directory = options_.directory + "/base";
  options_.files->remove_all(directory);
  rocks::Checkpoint* made = nullptr;
  check(rocks::Checkpoint::Create(owned_.get(), &made), "make a base of " + options_.name);
  const std::unique_ptr<rocks::Checkpoint> checkpoint{made};
  // 0: memtables are flushed first. With any other number, and without a log, what is in them would
  // silently be missing.
  check(checkpoint->CreateCheckpoint(directory, 0), "make a base of " + options_.name);
  for (const std::string& name : options_.files->list(directory)) {
    base.objects.push_back(store_file(request, directory, name));
  }
  options_.files->remove_all(directory);
  note_disk_bytes();
  return base;
}

/// A file that the last base has already is not stored again.
BaseObject RocksStore::store_file(const BaseRequest& request, const std::string& directory,
                                  const std::string& name) {
  const std::string path = directory + "/" + name;
  BaseObject object{request.prefix + name, name, options_.files->file_size(path)};
  const auto known = stored_.find(name);
  if (is_immutable(name) && known != stored_.end() && request.last) {
    const auto& kept = request.last->objects;
    if (std::find(kept.begin(), kept.end(), known->second) != kept.end()) return known->second;
  }
  if (!request.storage->put_file_if_absent(object.name, path)) {
    throw IoError{"the base file '" + object.name + "' exists already"};
  }
  if (is_immutable(name)) stored_.insert_or_assign(name, object);
  return object;
}

void RocksStore::restore_base(const Base& base, CheckpointStorage& storage) {
  if (base.kind != kKind) {
    throw IncompatibleState{"the state lies in a base of kind '" + base.kind +
                            "', which RocksDB cannot take over; restore a savepoint instead"};
  }
  clear();
  if (base.objects.empty()) return;
  options_.files->create_directories(data_);
  for (const BaseObject& object : base.objects) bring_file(object, storage);
  rules_->set(base.cut, base.schema);
  open();
  note_disk_bytes();
}

/// Immutable files may be links; the others are copied, as RocksDB may write to them.
void RocksStore::bring_file(const BaseObject& object, CheckpointStorage& storage) {
  if (object.local_name.empty() || object.local_name.find('/') != std::string::npos) {
    throw CorruptState{"a base has a file named '" + object.local_name + "'"};
  }
  const std::string path = data_ + "/" + object.local_name;
  if (is_immutable(object.local_name)) {
    if (!storage.get_file(object.name, path)) {
      throw CorruptState{"'" + object.name + "' is missing in the storage"};
    }
    stored_.insert_or_assign(object.local_name, object);
  } else {
    copy_object(object.name, storage, *options_.files->create(path));
  }
  const std::uint64_t size = options_.files->file_size(path);
  if (size != object.bytes) {
    throw CorruptState{"'" + object.name + "' has " + std::to_string(size) + " bytes instead of " +
                       std::to_string(object.bytes)};
  }
}

}  // namespace weir::inline v0::detail
