// SPDX-License-Identifier: Apache-2.0
#include "runtime/base_keeper.hpp"

#include <utility>

#include "checkpoint/checkpoint_file.hpp"
#include "state/delta_fold.hpp"
#include "state/sorted_stream.hpp"
#include "state/state_stream.hpp"
#include "weir/detail/assert.hpp"
#include "weir/detail/state/delta_backlog.hpp"
#include "weir/error.hpp"

namespace weir::inline v0::detail {
namespace {

constexpr std::size_t kReadBytes = std::size_t{64} << 10;

std::string read_whole(ChunkReader& reader) {
  std::string bytes;
  for (std::string chunk = reader.read(kReadBytes); !chunk.empty();
       chunk = reader.read(kReadBytes)) {
    bytes += chunk;
  }
  return bytes;
}

}  // namespace

StreamOpener open_stream(std::shared_ptr<CheckpointStorage> storage, SectionRef section,
                         FileKind kind) {
  return [storage = std::move(storage), section = std::move(section), kind] {
    return open_section(*storage, section, kind);
  };
}

Base load_base(CheckpointStorage& storage, const BaseRef& reference) {
  WEIR_ASSERT(!reference.files.empty(), "base of checkpoint", reference.cut.id.value);
  return decode_base(read_whole(*open_base_file(storage, reference.files.front())));
}

namespace {

/// The last base, the deltas after it, and the cut that the last of them gives.
BaseRequest request_for(const std::shared_ptr<CheckpointStorage>& storage,
                        const ShardRecord& record, KeyGroupRange groups) {
  BaseRequest request;
  request.storage = storage.get();
  if (record.base && !record.base->files.empty()) {
    request.last = load_base(*storage, *record.base);
    request.cut = request.last->cut;
    request.schema = request.last->schema;
  }
  if (record.base) {
    for (const SectionRef& section : record.base->sections) {
      request.deltas.push_back(open_stream(storage, section, FileKind::savepoint));
    }
  }
  for (const DeltaRef& delta : record.deltas) {
    request.deltas.push_back(open_stream(storage, delta.section, FileKind::checkpoint));
  }
  request.groups = groups;
  if (!request.deltas.empty()) {
    const StateStreamReader last{request.deltas.back()()};
    request.cut = last.header().cut;
    request.schema = last.header().schema;
  }
  return request;
}

}  // namespace

void write_foreign(std::shared_ptr<CheckpointStorage> storage, const ShardRecord& record,
                   ShardStore& scratch, const ChunkSink& sink) {
  const BaseRequest request = request_for(storage, record, {});
  const bool is_sorted = !request.last || request.last->kind == "sorted";
  if (is_sorted || !scratch.is_cold()) {
    write_merged(request, sink);
    return;
  }
  scratch.restore_base(*request.last, *storage);
  for (const StreamOpener& open : request.deltas) {
    StateStreamReader delta{open()};
    DeltaFold fold;
    fold.add(delta);
    scratch.apply(*fold.finish(), delta.header().cut, delta.header().schema);
  }
  write_store(scratch, request.cut, request.schema, sink);
}

BaseKeeper::BaseKeeper(std::shared_ptr<CheckpointStorage> storage, SerialExecutor& background,
                       const Log& log)
    : storage_{std::move(storage)}, background_{background}, log_{log} {}

BaseKeeper::~BaseKeeper() = default;

void BaseKeeper::register_shard(ShardName shard, KeyGroupRange groups,
                                std::shared_ptr<DeltaBacklog> backlog,
                                std::shared_ptr<ShardStore> store) {
  Shard& added = shards_[std::move(shard)];
  added.groups = groups;
  added.backlog = std::move(backlog);
  added.store = std::move(store);
}

void BaseKeeper::apply() {
  {
    const std::lock_guard lock{mutex_};
    if (std::exchange(is_applying_, true)) return;
  }
  background_.post([this] {
    for (auto& [name, shard] : shards_) {
      const std::lock_guard lock{work_mutex_};
      if (shard.store->is_cold()) shard.backlog->apply();
    }
    const std::lock_guard lock{mutex_};
    is_applying_ = false;
  });
}

void BaseKeeper::start_base(const ShardRecord& record, const BaseRef& cut,
                            const std::string& prefix) {
  const ShardName name{record.stage, record.shard};
  const auto found = shards_.find(name);
  if (found == shards_.end() || record.deltas.empty()) return;
  {
    const std::lock_guard lock{mutex_};
    if (found->second.is_in_the_making || found->second.finished) return;
    found->second.is_in_the_making = true;
  }
  background_.post([this, name, record, cut, prefix, groups = found->second.groups] {
    try {
      BaseRequest request = request_for(storage_, record, groups);
      request.prefix = prefix;
      make_base(name, request, cut);
    } catch (const Error& error) {
      log_.warn("base", "base of shard " + name.first + "/" + std::to_string(name.second.value) +
                            " failed, it will be tried again: " + error.what());
    }
    const std::lock_guard lock{mutex_};
    shards_[name].is_in_the_making = false;
  });
}

void BaseKeeper::make_base(const ShardName& name, const BaseRequest& request, BaseRef reference) {
  Shard& shard = shards_[name];
  std::optional<Base> base;
  {
    const std::lock_guard lock{work_mutex_};
    base = shard.backlog->make_base(request);
  }
  if (!base) return;
  reference.files.push_back(
      store_base_stream(*storage_, request.prefix + "base",
                        [&base](const ChunkSink& sink) { sink(encode_base(*base)); }));
  for (const BaseObject& object : base->objects) {
    reference.files.push_back({object.name, object.bytes, 0});
  }
  const std::lock_guard lock{mutex_};
  shard.finished = std::move(reference);
}

std::optional<BaseRef> BaseKeeper::take_base(const ShardName& name) {
  const std::lock_guard lock{mutex_};
  const auto found = shards_.find(name);
  if (found == shards_.end()) return std::nullopt;
  return std::exchange(found->second.finished, std::nullopt);
}

void BaseKeeper::write_savepoint(const ShardRecord& record, CheckpointId checkpoint,
                                 const ChunkSink& sink) {
  const auto found = shards_.find({record.stage, record.shard});
  WEIR_ASSERT(found != shards_.end(), "shard", record.shard.value);
  const BaseRequest request = request_for(storage_, record, found->second.groups);
  if (!found->second.store->is_cold()) {
    write_merged(request, sink);
    return;
  }
  const std::lock_guard lock{work_mutex_};
  found->second.backlog->commit(checkpoint);
  found->second.backlog->apply();
  write_store(*found->second.store, request.cut, request.schema, sink);
}

}  // namespace weir::inline v0::detail
