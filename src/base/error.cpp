// SPDX-License-Identifier: Apache-2.0
#include "weir/error.hpp"

namespace weir::inline v0 {

namespace {

std::string joined(const std::vector<std::string>& faults) {
  std::string text;
  for (const std::string& fault : faults) {
    if (!text.empty()) text += '\n';
    text += fault;
  }
  return text;
}

std::string operator_message(const std::string& node, const std::string& split,
                             const std::string& position, const std::string& reason) {
  std::string text = "in node '" + node + "'";
  if (!split.empty()) text += ", split '" + split + "'";
  if (!position.empty()) text += ", position " + position;
  return text + ": " + reason;
}

}  // namespace

ConfigError::ConfigError(std::vector<std::string> faults)
    : Error{joined(faults)}, faults_{std::move(faults)} {}

OperatorError::OperatorError(std::string node, std::string split, std::string position,
                             const std::string& reason)
    : Error{operator_message(node, split, position, reason)},
      node_{std::move(node)},
      split_{std::move(split)},
      position_{std::move(position)} {}

}  // namespace weir::inline v0
