// SPDX-License-Identifier: Apache-2.0
#include "weir/format.hpp"

namespace weir::inline v0 {

namespace {

class TextRules final : public FormatRules<std::string> {
 public:
  std::string name() const override { return "text"; }
  std::string decode(std::string_view bytes) const override { return std::string{bytes}; }
  void encode(const std::string& value, std::string& out) const override { out += value; }
};

}  // namespace

Format<std::string> text() { return Format<std::string>{std::make_shared<const TextRules>()}; }

}  // namespace weir::inline v0
