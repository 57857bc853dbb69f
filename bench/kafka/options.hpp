// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>

namespace bench {

/// What a program was called with: --name=value, each once.
class Options final {
 public:
  /// Throws std::invalid_argument.
  Options(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
      const std::string word = argv[i];
      const std::size_t sign = word.find('=');
      if (word.rfind("--", 0) != 0 || sign == std::string::npos) {
        throw std::invalid_argument{"not --name=value: " + word};
      }
      values_[word.substr(2, sign - 2)] = word.substr(sign + 1);
    }
  }

  std::string text(const std::string& name) const {
    const auto found = values_.find(name);
    if (found == values_.end()) throw std::invalid_argument{"--" + name + "= is missing"};
    return found->second;
  }
  std::string text(const std::string& name, const std::string& otherwise) const {
    return values_.count(name) > 0 ? text(name) : otherwise;
  }
  std::int64_t number(const std::string& name) const { return std::stoll(text(name)); }
  std::int64_t number(const std::string& name, std::int64_t otherwise) const {
    return values_.count(name) > 0 ? number(name) : otherwise;
  }

 private:
  std::map<std::string, std::string> values_;
};

}  // namespace bench
