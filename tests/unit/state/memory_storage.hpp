// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "state/state_stream.hpp"
#include "weir/checkpoint_storage.hpp"

namespace weir::state_test {

/// A checkpoint storage that is a map.
class MemoryStorage final : public CheckpointStorage {
 public:
  bool put_if_absent(const std::string& name, const ChunkProducer& producer) override {
    std::string bytes;
    producer([&](std::string_view chunk) { bytes += chunk; });
    return objects.try_emplace(name, std::move(bytes)).second;
  }
  bool put_file_if_absent(const std::string& name, const std::string& local_path) override {
    std::ifstream file{local_path, std::ios::binary};
    std::ostringstream bytes;
    bytes << file.rdbuf();
    return objects.try_emplace(name, bytes.str()).second;
  }
  std::unique_ptr<ChunkReader> get(const std::string& name) override {
    const auto found = objects.find(name);
    return found == objects.end() ? nullptr : detail::chunk_reader(found->second);
  }
  bool get_file(const std::string& name, const std::string& local_path) override {
    const auto found = objects.find(name);
    if (found == objects.end()) return false;
    std::ofstream file{local_path, std::ios::binary};
    file.write(found->second.data(), static_cast<std::streamsize>(found->second.size()));
    return true;
  }
  std::vector<std::string> list(const std::string& prefix) override {
    std::vector<std::string> names;
    for (const auto& [name, bytes] : objects) {
      if (name.rfind(prefix, 0) == 0) names.push_back(name);
    }
    return names;
  }
  void remove(const std::string& name) override { objects.erase(name); }
  std::shared_ptr<void> lock(const std::string&) override { return std::make_shared<int>(0); }

  std::map<std::string, std::string> objects;
};

}  // namespace weir::state_test
