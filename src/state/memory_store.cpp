// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>

#include "state/sorted_stream.hpp"
#include "weir/detail/assert.hpp"
#include "weir/detail/state/shard_store.hpp"
#include "weir/error.hpp"
#include "weir/state.hpp"

namespace weir::inline v0 {
namespace detail {
namespace {

class NoEntries final : public EntryCursor {
 public:
  bool next(std::string_view&, std::string_view&) override { return false; }
};

/// Nothing is ever cold. Bases are merged from the last one and the stored deltas; live tables are
/// never walked.
class MemoryStore final : public ShardStore {
 public:
  bool is_cold() const noexcept override { return false; }
  void multi_get(std::span<const std::string_view>, FoundEntries&) override {}
  std::unique_ptr<EntryCursor> scan(std::string_view, std::string_view) override {
    return std::make_unique<NoEntries>();
  }
  void apply(OpCursor&, const StateCut&, const ShardSchema&) override {}
  Base make_base(const BaseRequest& request) override {
    const std::string name = request.prefix + "state";
    SortedSize size;
    const bool is_new = request.storage->put_if_absent(
        name, [&](const ChunkSink& sink) { size = write_merged(request, sink); });
    if (!is_new) throw IoError{"the base '" + name + "' exists already"};
    return {"sorted", request.cut, request.schema, {{name, {}, size.bytes}}};
  }
  void restore_base(const Base&, CheckpointStorage&) override {}
  void clear() override {}
  void compact() override {}
  std::uint64_t disk_bytes() const override { return 0; }
};

class MemoryStores final : public StoreFactory {
 public:
  std::unique_ptr<ShardStore> make(std::string_view, ShardId) override {
    return std::make_unique<MemoryStore>();
  }
};

class InMemory final : public StateBackend {
 public:
  std::string describe() const override { return "in memory"; }
  std::unique_ptr<StoreFactory> open(const StoreContext&) override {
    return std::make_unique<MemoryStores>();
  }
};

}  // namespace
}  // namespace detail

std::shared_ptr<StateBackend> in_memory_state() { return std::make_shared<detail::InMemory>(); }

}  // namespace weir::inline v0
