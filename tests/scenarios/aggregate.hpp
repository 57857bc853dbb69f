// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "scenarios/scenario.hpp"

namespace scenarios {

/// How a scenario folds values, decided at run time. Values are JSON texts, so that state can hold
/// them.
class Aggregate final {
 public:
  /// A name, or an object with `kind`, `init`, `sep`. Throws: BadScenario, Unsupported.
  explicit Aggregate(const Json& description);

  /// Whether parts can be aggregated on their own, and merged in any order: what lets hopping
  /// windows share panes.
  bool is_mergeable() const noexcept {
    return kind_ == Kind::count || kind_ == Kind::sum || kind_ == Kind::min || kind_ == Kind::max;
  }

  std::string initial() const;
  std::string add(const std::string& total, const std::string& value) const;
  std::string merge(const std::string& a, const std::string& b) const;

 private:
  enum class Kind : std::uint8_t { count, sum, min, max, concat, reduce_concat, list, first, last };

  static Kind kind_of(const std::string& name);
  Json fold(const Json& total, const Json& value) const;
  Json join(const Json& a, const Json& b) const;

  Kind kind_;
  Json init_;
  std::string separator_;
};

}  // namespace scenarios
