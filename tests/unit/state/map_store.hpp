// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "state/sorted_stream.hpp"
#include "weir/detail/state/shard_store.hpp"

namespace weir::state_test {

/// A cold store that is a map: what a real one does, in ten lines.
class MapStore final : public detail::ShardStore {
 public:
  bool is_cold() const noexcept override { return true; }
  void multi_get(std::span<const std::string_view> keys, detail::FoundEntries& found) override {
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const auto entry = entries.find(keys[i]);
      if (entry != entries.end()) found.found(i, entry->second);
      ++looked_up;
    }
    ++multi_gets;
  }
  std::unique_ptr<detail::EntryCursor> scan(std::string_view prefix,
                                            std::string_view from) override {
    auto cursor = std::make_unique<Cursor>();
    for (auto at = entries.lower_bound(std::max(prefix, from)); at != entries.end(); ++at) {
      if (at->first.compare(0, prefix.size(), prefix) != 0) break;
      cursor->entries.push_back(*at);
    }
    return cursor;
  }
  void apply(detail::OpCursor& folded, const detail::StateCut&,
             const detail::ShardSchema&) override {
    detail::StateOp op;
    while (folded.next(op)) apply_one(op);
  }
  detail::Base make_base(const detail::BaseRequest& request) override {
    detail::Base base{"map", request.cut, request.schema, {{request.prefix + "map", {}, 0}}};
    request.storage->put_if_absent(base.objects[0].name, [&](const ChunkSink& sink) {
      detail::write_store(*this, request.cut, request.schema, sink);
    });
    return base;
  }
  void restore_base(const detail::Base& base, CheckpointStorage& storage) override {
    entries.clear();
    detail::SortedStreamReader reader{storage.get(base.objects[0].name)};
    std::string_view key;
    std::string_view value;
    while (reader.next(key, value)) entries.emplace(key, value);
  }
  void clear() override { entries.clear(); }
  void compact() override {}
  std::uint64_t disk_bytes() const override { return 0; }

  std::map<std::string, std::string, std::less<>> entries;
  std::size_t looked_up = 0;
  std::size_t multi_gets = 0;

 private:
  struct Cursor final : detail::EntryCursor {
    bool next(std::string_view& key, std::string_view& value) override {
      if (at == entries.size()) return false;
      key = entries[at].first;
      value = entries[at].second;
      ++at;
      return true;
    }
    std::vector<std::pair<std::string, std::string>> entries;
    std::size_t at = 0;
  };

  void apply_one(const detail::StateOp& op) {
    switch (op.kind) {
      case detail::StateOpKind::put:
      case detail::StateOpKind::append:
        entries.insert_or_assign(std::string{op.key}, std::string{op.value});
        return;
      case detail::StateOpKind::erase:
        entries.erase(std::string{op.key});
        return;
      default:
        erase_range(op);
    }
  }
  void erase_range(const detail::StateOp& op) {
    const std::string prefix{op.key};
    const std::string limit{op.value};
    for (auto at = entries.lower_bound(prefix); at != entries.end();) {
      if (at->first.compare(0, prefix.size(), prefix) != 0) break;
      const bool is_kept = !limit.empty() && at->first.substr(prefix.size()) >= limit;
      at = is_kept ? std::next(at) : entries.erase(at);
    }
  }
};

}  // namespace weir::state_test
