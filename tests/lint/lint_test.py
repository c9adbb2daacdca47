#!/usr/bin/env python3
"""What the lints of this folder find, and what they let pass.

usage: lint_test.py      exit 1 when one of them is wrong
"""
import tempfile
import unittest
from pathlib import Path

import clang_tidy
import class_size
import dotted_names
import fixed_sleeps
import gcc12_coroutine_lint
import layers
import metric_names
import named_paths
import text_rules
from project_files import project_files

TREE = named_paths.Tree(project_files())


def wrong_names(page, line):
    return list(named_paths.faults_of_line(TREE, page, line))


class NamesInTexts(unittest.TestCase):
    def finds(self, page, line):
        self.assertEqual(len(wrong_names(page, line)), 1, line)

    def passes(self, page, line):
        self.assertEqual(wrong_names(page, line), [], line)

    def test_a_path_that_is_not_there(self):
        self.finds("docs/health.md", "see `sessiond/attic/`")
        self.finds("docs/health.md", "see sidecar/health/attic.hpp, and more")
        self.finds("docs/health.md", "run tests/unit/attic*.cpp")
        self.finds("src/base/error.cpp", '    return "see docs/attic.md";')
        self.finds("deploy/mooring.toml", "# docs/attic.md has all of it")
        self.finds("tests/unit/run.py", '"""As bench/attic.py does it."""')

    def test_a_file_by_its_name_alone(self):
        self.finds("docs/health.md", "see `attic.hpp`")
        self.finds("docs/health.md", "see `net/attic.hpp`")
        self.finds("src/base/error.cpp", "// As in attic.hpp.")
        self.passes("src/base/error.cpp", "// As in mooring/base/error.hpp, error.hpp and base/error.hpp.")

    def test_a_link(self):
        self.finds("docs/health.md", "[x](attic.md)")
        self.finds("docs/health.md", "[x](README.md)")
        self.finds("docs/health.md", "[x](../README.md#attic)")
        self.finds("docs/health.md", "[x](#attic)")
        self.passes("docs/health.md", "[x](../README.md), [y](../tests/lint), [z](https://example.org/attic.md#x)")

    def test_an_anchor_outside_of_a_link(self):
        self.finds("deploy/mooring.toml", "# docs/configuration.md#attic")
        self.passes("deploy/mooring.toml", "# docs/configuration.md#log")

    def test_an_identifier(self):
        # In two parts, so that this file does not have the word.
        self.finds("docs/architecture.md", "`lock_" + "attic`: who waits for whom")
        self.passes("docs/architecture.md", "`lock_table`: who waits for whom")

    def test_paths_of_a_system_and_placeholders(self):
        self.passes("docs/health.md", "/usr/share/tests/attic.md, ~/docs/attic.md, $HOME/docs/attic.md, build/x/bin")
        self.passes("docs/health.md", "tests/unit/DIR/FILE_test.cpp, tests/fuzz/fuzz_NAME.cpp")
        self.passes("docs/health.md", "https://example.org/docs/attic.md")

    def test_anchors_are_those_of_github(self):
        self.assertEqual(named_paths.slug("Route 53 and the 18 % rule"), "route-53-and-the-18--rule")
        self.assertEqual(named_paths.slug("[a](b.md) `c_d`, e"), "a-c_d-e")


CLASS = """
class machine final : public base<int> {
 public:
  machine(int a, int b) : a_{a} {}
  ~machine();
  machine(const machine&) = delete;
  int first() const { return a_; }
  std::vector<std::function<void(int)>> second(int x = f(1)) const;
  bool operator==(const machine&) const = default;
  bool operator<(const machine& other) const;
  virtual void third() = 0;
  static_assert(sizeof(int) == 4);
  friend void other(int);
  using callback = std::function<void(int)>;

 private:
  struct part {
    int of_part();
  };
  std::function<void(int)> on_change_;
  int a_ = f(2);
  int b_{f(3)};
};
"""
BODIES = """
int machine::first() const {
  if (a_) {
    return 1;
  }
  return 2;
}

machine::machine(int a)
    : a_{a},
      b_{a} {}

void other(machine& x) {
  x.first();
  machine::second(1);
}
"""


class SizeOfClasses(unittest.TestCase):
    def sizes(self):
        return class_size.class_sizes({"include/mooring/net/machine.hpp": CLASS, "src/net/a.cpp": BODIES,
                                       "src/aws/a.cpp": BODIES})

    def test_methods_are_member_functions(self):
        sizes = self.sizes()
        self.assertEqual(sizes[("src/net", "machine")].methods, 4)
        self.assertEqual(sizes[("src/net", "part")].methods, 1)

    def test_lines_are_those_of_the_room(self):
        self.assertEqual(self.sizes()[("src/net", "machine")].lines, 22 + 6 + 3)

    def test_limits(self):
        def fault(lines, methods, known):
            size = class_size.ClassSize("a.hpp", 1, lines, methods)
            return len(list(class_size.faults_of({("src/net", "machine"): size}, known)))
        self.assertEqual(fault(400, 25, {}), 0)
        self.assertEqual(fault(401, 25, {}), 1)
        self.assertEqual(fault(400, 26, {}), 1)
        known = {"src/net/machine": (410, 30)}
        self.assertEqual(fault(410, 30, known), 0)
        self.assertEqual(fault(411, 30, known), 1)
        self.assertEqual(fault(410, 31, known), 1)
        self.assertEqual(fault(400, 25, known), 1, "an exception that is none any more")


CODE = """
x_(registry.make_counter("mooring_sidecar_x_total", "X.")),
y_(registry.make_histogram(
    "mooring_sidecar_y_seconds", "Y."))
"""
PAGE = """
| `mooring_sidecar_x_total` | `a` | x |
| `mooring_sidecar_y_seconds` | | histogram: y |
"""


class NamesOfMetrics(unittest.TestCase):
    def faults(self, code, page):
        return len(list(metric_names.faults_of_table(metric_names.registered_in([code]), metric_names.documented_in(page))))

    def test_code_and_page_agree(self):
        self.assertEqual(self.faults(CODE, PAGE), 0)
        self.assertEqual(self.faults(CODE, PAGE.replace("x_total", "z_total")), 2)
        self.assertEqual(self.faults(CODE, PAGE.replace("histogram: ", "")), 1)
        self.assertEqual(self.faults(CODE.replace("x_total", "x"), PAGE.replace("x_total", "x")), 1)

    def test_names_are_literal(self):
        self.assertTrue(metric_names.NOT_A_LITERAL.search("registry.make_counter(name, help)"))
        self.assertTrue(metric_names.NOT_A_LITERAL.search("registry.make_counter(\n    prefix + name, help)"))
        self.assertFalse(metric_names.NOT_A_LITERAL.search(CODE))

    def test_parts_of_a_histogram_are_known(self):
        registered = metric_names.registered_in([CODE])
        self.assertTrue(metric_names.is_known("mooring_sidecar_y_seconds_bucket", registered, set()))
        self.assertFalse(metric_names.is_known("mooring_sidecar_x_total_bucket", registered, set()))
        self.assertFalse(metric_names.is_known("mooring_sidecar_z_total", registered, set()))


class DottedNames(unittest.TestCase):
    CODE = 'log_.warn("disk.failed", "reason", r); text = "event=log.lost "; const char* other = "disk.back";'
    PAGE = "| `disk.failed`, `disk.back` | warn, info |\n| `log.lost` | warn |\n"

    def test_events_are_in_the_table(self):
        self.assertEqual(list(dotted_names.faults_of_events(self.CODE, self.PAGE)), [])
        for name in ("disk.failed", "disk.back", "log.lost"):
            renamed = self.PAGE.replace(name, "disk.other")
            self.assertIn("nothing logs the event disk.other", "".join(dotted_names.faults_of_events(self.CODE, renamed)))
        self.assertEqual(len(list(dotted_names.faults_of_events(self.CODE, ""))), 2)

    def test_settings_are_there(self):
        def faults(text):
            return len(list(dotted_names.faults_of_settings(text, {"disk.size", "disk.cache.size"}, {"disk.failed"})))
        self.assertEqual(faults("`disk.size`, `disk.size = 1`, `disk.cache`, `disk.failed`, `php.ini`"), 0)
        self.assertEqual(faults("`disk.sise`"), 1)
        self.assertEqual(faults("`disk.cache.sise = 1`"), 1)


class Layers(unittest.TestCase):
    LINKS = layers.links_in({"src/net/CMakeLists.txt": "mooring_asio_library(net_lib LINK base_lib CURL::libcurl)\n",
                             "src/base/CMakeLists.txt": "mooring_library(base_lib)\n"})

    def faults(self, picture, pure=()):
        return len(list(layers.faults_of(self.LINKS, picture, pure)))

    def test_the_picture_is_that_of_the_link_lines(self):
        self.assertEqual(self.LINKS, {"src/net": ["src/base"], "src/base": []})
        self.assertEqual(self.faults("net  - base\nbase\n"), 0)
        self.assertEqual(self.faults("base\nnet\n"), 1)
        self.assertEqual(self.faults("net base\n"), 1)
        self.assertEqual(self.faults("net\n"), 1)

    def test_pure_folders_have_a_star(self):
        self.assertEqual(self.faults("net\nbase*\n", ("src/base/",)), 0)
        self.assertEqual(self.faults("net\nbase\n", ("src/base/",)), 1)
        self.assertEqual(self.faults("net*\nbase\n"), 1)


class TextRules(unittest.TestCase):
    def faults(self, name, text):
        return len(list(text_rules.faults_of(name, text, True)))

    def test_files_and_lines_are_short(self):
        self.assertEqual(self.faults("a.hpp", "x\n" * 300), 0)
        self.assertEqual(self.faults("a.hpp", "x\n" * 301), 1)
        self.assertEqual(self.faults("a.hpp", "/" * 120), 0)
        self.assertEqual(self.faults("a.hpp", "/" * 121), 1)

    def test_no_path_is_of_one_machine(self):
        self.assertEqual(self.faults("a.sh", "cd /ho" + "me/ann"), 1)
        self.assertEqual(self.faults("a.sh", "cd /usr/share/mooring"), 0)


class ClangTidy(unittest.TestCase):
    def found_in(self, text):
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "a.cpp").write_text(text, encoding="ascii")
            code, output = clang_tidy.tidy({"file": f"{folder}/a.cpp", "directory": folder, "command": "clang++ -std=c++20"})
        return code != 0 or output.strip() != "", output

    def test_it_finds_a_use_after_move(self):
        head = "#include <string>\n#include <utility>\nvoid take(std::string);\n"
        found, output = self.found_in(head + "int f(std::string a) { take(std::move(a)); return a.size() > 1; }\n")
        self.assertTrue(found)
        self.assertIn("[bugprone-use-after-move]", output)
        self.assertEqual(self.found_in(head + "void f(std::string a) { take(std::move(a)); }\n"), (False, ""))

    def test_what_does_not_compile_is_a_fault(self):
        self.assertTrue(self.found_in("int f( {\n")[0])

    def test_which_units_a_change_concerns(self):
        sources = ["src/net/task.cpp", "src/net/drain.cpp"]
        self.assertTrue(clang_tidy.is_wanted(sources, {"src/net/drain.cpp"}))
        self.assertTrue(clang_tidy.is_wanted(sources, {"include/mooring/net/drain.hpp"}))
        self.assertFalse(clang_tidy.is_wanted(sources, {"src/net/other.cpp", "src/aws/dynamo_client.hpp", "README.md"}))


class Coroutines(unittest.TestCase):
    def test_forms_that_gcc_12_breaks(self):
        for code in ("co_await f(a{1});", "co_await (a ? b() : c());", "if (co_await f()) {}", "x = a{co_await f()};",
                     "co_await f([x] { g(); });"):
            clean = gcc12_coroutine_lint.blank_comments_and_strings(code)
            found = [why for why, pattern in gcc12_coroutine_lint.PATTERNS if pattern.search(clean)]
            self.assertTrue(found or list(gcc12_coroutine_lint.conditions_that_await(clean)), code)


class Pauses(unittest.TestCase):
    def test_a_pause_without_a_reason(self):
        for line in ("    time.sleep(0.3)", "await asyncio.sleep(1)  # long enough", "usleep(300000);", "sleep(1); // waits"):
            self.assertEqual(len(list(fixed_sleeps.faults_of("tests/x", line))), 1, line)

    def test_a_pause_with_one_and_the_pauses_of_other_programs(self):
        for line in ("time.sleep(3)  # pause: the region is away", "usleep(5); // pause: of a loop that looks",
                     'script("sleep 1; sleep(2)")', "# time.sleep(1) would do, but"):
            self.assertEqual(list(fixed_sleeps.faults_of("tests/x", line)), [], line)


if __name__ == "__main__":
    unittest.main()
