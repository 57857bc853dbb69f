// SPDX-License-Identifier: Apache-2.0
// Goal: the house rules hold in every file of the project, and each rule can fail.
// Method: the rules are functions of one file's text; bad snippets first, then the whole tree.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/tidy/rules.hpp"

namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using tidy::Finding;
using tidy::Findings;
using tidy::SourceFile;

std::vector<std::string> texts(const Findings& findings) {
  std::vector<std::string> all;
  for (const Finding& finding : findings) {
    all.push_back(finding.text());
  }
  return all;
}

std::vector<std::string> includes(const std::string& path, const std::string& text) {
  return texts(tidy::check_includes({path, text}));
}

std::vector<std::string> calls(const std::string& path, const std::string& text) {
  return texts(tidy::check_calls({path, text}));
}

std::vector<std::string> form(const std::string& path, const std::string& text) {
  return texts(tidy::check_form({path, text}));
}

const std::string kSpdx = "// SPDX-License-Identifier: Apache-2.0\n";

TEST(TidyLayers, ALayerIncludesLowerOnes) {
  EXPECT_THAT(includes("src/state/timers.cpp", "#include \"base/ring.hpp\"\n"), IsEmpty());
  EXPECT_THAT(includes("src/job/job.cpp", "#include \"runtime/shard.hpp\"\n"), IsEmpty());
  EXPECT_THAT(includes("src/state/timers.cpp", "#include \"state/timers.hpp\"\n"), IsEmpty());
}

TEST(TidyLayers, ALayerDoesNotIncludeHigherOnes) {
  EXPECT_THAT(includes("src/base/ring.hpp", "\n#include \"codec/varint.hpp\"\n"),
              ElementsAre("src/base/ring.hpp:2: base must not know codec: only lower layers"));
  EXPECT_THAT(includes("src/state/timers.cpp", "#include \"weir/detail/dataflow/batch.hpp\"\n"),
              ElementsAre(HasSubstr("state must not know dataflow")));
  EXPECT_THAT(
      includes("include/weir/detail/dataflow/x.hpp", "#include \"weir/detail/graph/n.hpp\"\n"),
      ElementsAre(HasSubstr("dataflow must not know graph")));
}

TEST(TidyLayers, EqualLayersDoNotKnowEachOther) {
  EXPECT_THAT(includes("src/graph/plan.cpp", "#include \"operators/window.hpp\"\n"),
              ElementsAre(HasSubstr("graph must not know operators")));
}

TEST(TidyLayers, RuntimeKnowsNoOperator) {
  EXPECT_THAT(includes("src/runtime/shard.cpp", "#include \"operators/window.hpp\"\n"),
              ElementsAre(HasSubstr("no operator")));
}

TEST(TidyLayers, NoLayerKnowsWhatHangsOnTheSide) {
  for (const std::string side : {"json", "kafka", "rocksdb", "testing"}) {
    EXPECT_THAT(includes("src/job/job.cpp", "#include \"" + side + "/x.hpp\"\n"),
                ElementsAre(HasSubstr("hangs on the side")));
  }
  EXPECT_THAT(includes("src/rocksdb/backend.cpp", "#include \"state/backend.hpp\"\n"), IsEmpty());
  EXPECT_THAT(includes("src/rocksdb/backend.cpp", "#include \"runtime/shard.hpp\"\n"),
              ElementsAre(HasSubstr("does not stand on that layer")));
}

TEST(TidyLayers, PublicHeadersIncludeWeirAndTheStandardLibraryOnly) {
  EXPECT_THAT(includes("include/weir/job.hpp", "#include <string>\n#include \"weir/time.hpp\"\n"),
              IsEmpty());
  EXPECT_THAT(includes("include/weir/job.hpp", "#include \"base/ring.hpp\"\n"),
              ElementsAre(HasSubstr("public headers")));
  EXPECT_THAT(includes("include/weir/job.hpp", "#include <spdlog/spdlog.h>\n"),
              ElementsAre(HasSubstr("public headers")));
  EXPECT_THAT(includes("include/weir/job.hpp", "#include <unistd.h>\n"),
              ElementsAre(HasSubstr("public headers")));
  EXPECT_THAT(includes("include/weir/job.hpp", "#include <nlohmann/json.hpp>\n"),
              ElementsAre(HasSubstr("public headers")));
  EXPECT_THAT(includes("include/weir/json.hpp", "#include <nlohmann/json.hpp>\n"), IsEmpty());
}

TEST(TidyLayers, OtherPeoplesHeadersStayWhereTheyBelong) {
  EXPECT_THAT(includes("src/base/log.cpp", "#include <spdlog/spdlog.h>\n"), IsEmpty());
  EXPECT_THAT(includes("src/base/log.hpp", "#include <spdlog/spdlog.h>\n"),
              ElementsAre(HasSubstr("stays in .cpp files")));
  EXPECT_THAT(includes("src/state/x.cpp", "#include <rocksdb/db.h>\n"),
              ElementsAre(HasSubstr("only src/rocksdb")));
  EXPECT_THAT(includes("src/io/x.cpp", "#include <librdkafka/rdkafka.h>\n"),
              ElementsAre(HasSubstr("only src/kafka")));
  EXPECT_THAT(includes("src/job/x.hpp", "#include <nlohmann/json.hpp>\n"),
              ElementsAre(HasSubstr("nlohmann_json stays")));
}

TEST(TidyLayers, IncludesAreWrittenFromTheRoot) {
  EXPECT_THAT(includes("tests/unit/base/a_test.cpp", "#include \"../help.hpp\"\n"),
              ElementsAre(HasSubstr("from the root")));
  EXPECT_THAT(includes("src/job/job.cpp", "#include \"weir/weir.hpp\"\n"),
              ElementsAre(HasSubstr("for users")));
}

TEST(TidyLayers, AnIncludeInACommentIsNone) {
  EXPECT_THAT(includes("src/base/a.cpp", "// #include \"job/job.hpp\"\n"), IsEmpty());
  EXPECT_THAT(includes("src/base/a.cpp", "/*\n#include \"job/job.hpp\"\n*/\n"), IsEmpty());
}

TEST(TidyCalls, AGuestDoesNotEndTheProcess) {
  for (const std::string call :
       {"abort();", "  std::abort();", "if (x) { exit(1); }", "::_exit(2);",
        "return std::terminate();", "case 1: quick_exit(1);"}) {
    EXPECT_THAT(calls("src/job/job.cpp", call), ElementsAre(HasSubstr("end the process"))) << call;
    EXPECT_THAT(calls("src/base/assert.cpp", call), IsEmpty()) << call;
    EXPECT_THAT(calls("tests/crash/child.cpp", call), IsEmpty()) << call;
  }
}

TEST(TidyCalls, AMethodThatIsCalledAbortIsFine) {
  for (const std::string call :
       {"transaction.abort();", "client_->abort();", "void abort() override;",
        "void Transaction::abort() {", "virtual void exit(int status) = 0;", "on_exit(f);"}) {
    EXPECT_THAT(calls("src/job/job.cpp", call), IsEmpty()) << call;
  }
}

TEST(TidyCalls, AGuestPrintsNothing) {
  for (const std::string call : {"std::cout << x;", "std::cerr << x;", "printf(\"x\");",
                                 "std::fprintf(file, \"x\");", "puts(\"x\");"}) {
    EXPECT_THAT(calls("src/job/job.cpp", call), ElementsAre(HasSubstr("prints nothing"))) << call;
    EXPECT_THAT(calls("examples/word_count.cpp", call), IsEmpty()) << call;
  }
  EXPECT_THAT(calls("src/job/job.cpp", "std::snprintf(text, 4, \"x\");"), IsEmpty());
  EXPECT_THAT(calls("include/weir/io.hpp", "/// An example: std::cout << x;"), IsEmpty());
}

TEST(TidyCalls, UsingNamespaceIsForLiteralsInSources) {
  const std::string literals = "using namespace std::chrono_literals;";
  EXPECT_THAT(calls("src/a/a.cpp", literals), IsEmpty());
  EXPECT_THAT(calls("src/a/a.cpp", "using namespace std::string_view_literals;"), IsEmpty());
  EXPECT_THAT(calls("src/a/a.cpp", "using namespace std;"), ElementsAre(HasSubstr("literals")));
  EXPECT_THAT(calls("tests/unit/a_test.cpp", "using namespace weir;"),
              ElementsAre(HasSubstr("no using namespace")));
  EXPECT_THAT(calls("src/a/a.hpp", literals), ElementsAre(HasSubstr("in a header")));
}

TEST(TidyCalls, WhatIsNewHasAnOwner) {
  EXPECT_THAT(calls("src/a/a.cpp", "auto* a = new Thing{1};"), ElementsAre(HasSubstr("no new")));
  EXPECT_THAT(calls("src/a/a.cpp", "delete thing;"), ElementsAre(HasSubstr("no delete")));
  EXPECT_THAT(calls("src/a/a.cpp", "delete[] things;"), ElementsAre(HasSubstr("no delete")));
  EXPECT_THAT(calls("src/a/a.cpp", "return std::unique_ptr<Thing>(new Thing{1});"), IsEmpty());
  EXPECT_THAT(calls("src/a/a.cpp", "auto batch = Ref<Batch>::adopt(new Batch);"), IsEmpty());
  EXPECT_THAT(calls("src/a/a.cpp", "if (--references_ == 0) delete this;"), IsEmpty());
  EXPECT_THAT(calls("src/a/a.cpp", "::new (place) Thing{1};"), IsEmpty());
  EXPECT_THAT(calls("src/a/a.cpp", "Thing(const Thing&) = delete;"), IsEmpty());
  EXPECT_THAT(calls("src/a/a.cpp", "int new_size = 1;  // a new size"), IsEmpty());
}

TEST(TidyCalls, TestsDoNotSleep) {
  EXPECT_THAT(calls("tests/unit/a_test.cpp", "std::this_thread::sleep_for(1ms);"),
              ElementsAre(HasSubstr("do not sleep")));
}

TEST(TidyCalls, QuotesAndCommentsAreNotCode) {
  EXPECT_EQ(tidy::code_only("a(\"b\\\"c\"); // d\n'e' 1'000 f"), "a(      );     \n    1'000 f");
  EXPECT_EQ(tidy::code_only("R\"x(a)\" )x\" b"), "            b");
  EXPECT_EQ(tidy::code_only("/* a\n b */ c"), "    \n      c");
  EXPECT_EQ(tidy::code_only("#include \"a/b.hpp\""), "#include \"a/b.hpp\"");
}

TEST(TidyForm, TheLicenceIsOnTop) {
  EXPECT_THAT(form("src/a/a.cpp", kSpdx + "int a;\n"), IsEmpty());
  EXPECT_THAT(form("src/a/a.cpp", "int a;\n" + kSpdx), ElementsAre(HasSubstr("SPDX")));
  EXPECT_THAT(form("src/a/a.cpp", ""), ElementsAre(HasSubstr("SPDX")));
  EXPECT_THAT(form("tests/run.sh", "#!/bin/sh\n# SPDX-License-Identifier: Apache-2.0\n"),
              IsEmpty());
  EXPECT_THAT(form("tests/run.sh", "#!/bin/sh\necho\n"), ElementsAre(HasSubstr("SPDX")));
}

TEST(TidyForm, NothingIsLeftToMend) {
  EXPECT_THAT(form("src/a/a.cpp", kSpdx + "// FIX" + "ME: later\n"),
              ElementsAre(HasSubstr(":2: something is left to mend")));
}

TEST(TidyForm, LinesHave100Columns) {
  EXPECT_THAT(form("src/a/a.cpp", kSpdx + std::string(100, 'x') + "\n"), IsEmpty());
  EXPECT_THAT(form("src/a/a.cpp", kSpdx + std::string(101, 'x') + "\n"),
              ElementsAre(HasSubstr(":2: longer than 100 columns")));
  std::string umlauts = "// ";
  for (int count = 0; count < 97; ++count) {
    umlauts += "\u00fc";
  }
  EXPECT_THAT(form("src/a/a.cpp", kSpdx + umlauts + "\n"), IsEmpty());
}

TEST(TidyForm, AHeaderIsGuarded) {
  EXPECT_THAT(form("src/a/a.hpp", kSpdx + "#pragma once\n"), IsEmpty());
  EXPECT_THAT(form("src/a/a.hpp", kSpdx + "int a;\n"), ElementsAre(HasSubstr("#pragma once")));
}

TEST(TidyForm, FilesEndAt600Lines) {
  const auto lines = [](int count) {
    return kSpdx + std::string(static_cast<std::size_t>(count - 1), '\n');
  };
  EXPECT_THAT(form("src/a/a.cpp", lines(600)), IsEmpty());
  EXPECT_THAT(form("src/a/a.cpp", lines(601)), ElementsAre(HasSubstr("600 lines")));
  EXPECT_THAT(texts(tidy::long_files({"src/a/a.cpp", lines(400)})), IsEmpty());
  EXPECT_THAT(texts(tidy::long_files({"src/a/a.cpp", lines(401)})),
              Contains(HasSubstr("401 lines")));
  EXPECT_THAT(texts(tidy::long_files({"src/a/a.hpp", lines(251)})),
              Contains(HasSubstr("251 lines")));
}

TEST(TidyForm, EverySourceIsListed) {
  const SourceFile file{"src/base/ring.cpp", ""};
  EXPECT_THAT(tidy::check_listed(file, "weir_sources(core bytes.cpp ring.cpp)"), IsEmpty());
  EXPECT_THAT(texts(tidy::check_listed(file, "weir_sources(core string.cpp)")),
              ElementsAre(HasSubstr("never compiled")));
}

std::string read(const std::filesystem::path& path) {
  std::ifstream input{path};
  return {std::istreambuf_iterator<char>{input}, {}};
}

bool is_checked(const std::filesystem::path& path) {
  static const std::vector<std::string> kinds = {".cpp", ".hpp", ".sh", ".cmake"};
  return path.filename() == "CMakeLists.txt" ||
         std::find(kinds.begin(), kinds.end(), path.extension()) != kinds.end();
}

/// The files of the project; ctest runs this program at the top of the tree.
std::vector<SourceFile> project_files() {
  std::vector<SourceFile> files{{"CMakeLists.txt", read("CMakeLists.txt")}};
  for (const std::string top : {"include", "src", "tests", "bench", "examples", "cmake"}) {
    if (!std::filesystem::exists(top)) {
      continue;
    }
    for (const auto& entry : std::filesystem::recursive_directory_iterator{top}) {
      if (entry.is_regular_file() && is_checked(entry.path())) {
        files.push_back({entry.path().generic_string(), read(entry.path())});
      }
    }
  }
  return files;
}

/// The CMakeLists.txt that is nearest to the file on the way up.
std::string cmake_lists_of(const SourceFile& file) {
  std::filesystem::path folder = std::filesystem::path{file.path}.parent_path();
  while (!folder.empty() && !std::filesystem::exists(folder / "CMakeLists.txt")) {
    folder = folder.parent_path();
  }
  return read(folder / "CMakeLists.txt");
}

bool is_compiled_by_list(const SourceFile& file) {
  return std::filesystem::path{file.path}.extension() == ".cpp" &&
         file.path.find("must_not_compile/") == std::string::npos;
}

void expect_none(const Findings& findings) {
  for (const Finding& finding : findings) {
    ADD_FAILURE() << finding.text();
  }
}

TEST(TidyProject, FollowsTheHouseRules) {
  const std::vector<SourceFile> files = project_files();
  ASSERT_GT(files.size(), 10U) << "run this at the top of the project";
  for (const SourceFile& file : files) {
    expect_none(tidy::check_includes(file));
    expect_none(tidy::check_calls(file));
    expect_none(tidy::check_form(file));
    if (is_compiled_by_list(file)) {
      expect_none(tidy::check_listed(file, cmake_lists_of(file)));
    }
    for (const Finding& finding : tidy::long_files(file)) {
      std::cout << "long: " << finding.text() << '\n';
    }
  }
}

}  // namespace
