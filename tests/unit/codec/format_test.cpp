// SPDX-License-Identifier: Apache-2.0
#include "weir/format.hpp"

#include <gtest/gtest.h>

#include <string>

namespace weir {
namespace {

TEST(Text, IsTheBytesAsTheyAre) {
  const Format<std::string> format = text();
  std::string out = "before ";

  format.encode(format.decode("a\tb "), out);

  EXPECT_EQ(out, "before a\tb ");
  EXPECT_EQ(format.name(), "text");
  EXPECT_EQ(format.header(), "");
  EXPECT_EQ(format.framing(), Framing::lines);
}

TEST(Format, IsMadeOfTwoFunctions) {
  const auto stars = format<int>(
      {.name = "stars",
       .decode = [](std::string_view bytes) { return static_cast<int>(bytes.size()); },
       .encode = [](int value,
                    std::string& out) { out.append(static_cast<std::size_t>(value), '*'); }});
  std::string out;

  stars.encode(3, out);

  EXPECT_EQ(out, "***");
  EXPECT_EQ(stars.decode(out), 3);
  EXPECT_EQ(stars.name(), "stars");
}

TEST(Format, WithoutAHeaderIsTheSameForEveryFile) {
  EXPECT_EQ(text().with_header("anything").decode("a"), "a");
}

}  // namespace
}  // namespace weir
