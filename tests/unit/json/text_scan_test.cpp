// SPDX-License-Identifier: Apache-2.0
#include "json/text_scan.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::json_text {
namespace {

std::size_t special_in(const std::string& text) {
  return static_cast<std::size_t>(find_special(text.data(), text.data() + text.size()) -
                                  text.data());
}

std::size_t length_of(std::string_view text) {
  return utf8_length(text.data(), text.data() + text.size());
}

TEST(FindSpecial, FindsEachSpecialByteAtEachPlace) {
  for (int byte = 0; byte < 256; ++byte) {
    const bool is_special = byte < 0x20 || byte >= 0x80 || byte == '"' || byte == '\\';
    for (std::size_t place = 0; place < 20; ++place) {
      std::string text(20, 'a');
      text[place] = static_cast<char>(byte);
      EXPECT_EQ(special_in(text), is_special ? place : text.size()) << byte << " at " << place;
    }
  }
}

TEST(FindSpecial, FindsTheFirstOfSeveral) {
  EXPECT_EQ(special_in("abc\"\xc3\x01\\"), 3U);
  EXPECT_EQ(special_in("a\x1f\"\"\"\"\"\"\""), 1U);
  EXPECT_EQ(special_in(""), 0U);
}

// Every code point there is, and every neighbour that is none.
TEST(Utf8, KnowsEveryCharacter) {
  for (std::uint32_t point = 0; point <= 0x10ffff; ++point) {
    if (point >= 0xd800 && point <= 0xdfff) continue;
    std::string text;
    append_utf8(text, point);
    ASSERT_EQ(length_of(text), text.size()) << point;
    ASSERT_EQ(length_of(text + "x"), text.size()) << point;
    for (std::size_t size = 1; size < text.size(); ++size) {
      ASSERT_EQ(length_of(std::string_view{text}.substr(0, size)), 0U) << point;
    }
  }
}

TEST(Utf8, RefusesWhatIsNoCharacter) {
  EXPECT_EQ(length_of("\x80"), 0U);              // A continuation alone.
  EXPECT_EQ(length_of("\xc0\x80"), 0U);          // Overlong.
  EXPECT_EQ(length_of("\xc1\xbf"), 0U);          // Overlong.
  EXPECT_EQ(length_of("\xe0\x9f\xbf"), 0U);      // Overlong.
  EXPECT_EQ(length_of("\xf0\x8f\xbf\xbf"), 0U);  // Overlong.
  EXPECT_EQ(length_of("\xed\xa0\x80"), 0U);      // A surrogate.
  EXPECT_EQ(length_of("\xed\xbf\xbf"), 0U);      // A surrogate.
  EXPECT_EQ(length_of("\xf4\x90\x80\x80"), 0U);  // Above U+10FFFF.
  EXPECT_EQ(length_of("\xf5\x80\x80\x80"), 0U);
  EXPECT_EQ(length_of("\xc3\x28"), 0U);  // No continuation.
}

}  // namespace
}  // namespace weir::json_text
