"""Small trees that tools/check_layers.py must accept or refuse."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "tools" / "check_layers.py"


def run(tree):
    """Exit code and output for a tree given as {path: text}."""
    with tempfile.TemporaryDirectory() as root:
        for path, text in tree.items():
            file = pathlib.Path(root, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        result = subprocess.run([sys.executable, SCRIPT, root], capture_output=True, text=True)
        return result.returncode, result.stdout


HOUSE = {
    "include/prodigest/base/a.hpp": "#include <vector>\n",
    "include/prodigest/core/b.hpp": '#include "prodigest/base/a.hpp"\n',
    "src/core/b.cpp": '#include "prodigest/core/b.hpp"\n#include <fmt/format.h>\n#include "core/c.hpp"\n',
    "src/core/c.hpp": "#pragma once\n",
    "src/sampling/s.hpp": '#include "prodigest/core/b.hpp"\n',
    "cli/main.cpp": '#include "sampling/s.hpp"\n#include "table.hpp"\n',
    "cli/table.hpp": "#pragma once\n",
}


class CheckLayers(unittest.TestCase):
    def refuses(self, complaint, tree):
        code, output = run(HOUSE | tree)
        self.assertEqual(code, 1, output)
        self.assertIn(complaint, output)
        self.assertEqual(output.count("\n"), 1, output)

    def test_accepts_own_folder_and_lower_floors(self):
        code, output = run(HOUSE)
        self.assertEqual(code, 0, output)

    def test_refuses_an_upward_include(self):
        self.refuses("src/base/x.cpp:2: base includes upwards",
                     {"src/base/x.cpp": '\n#include "prodigest/core/b.hpp"\n'})

    def test_refuses_a_sideways_include(self):
        self.refuses("src/linear/x.cpp:1: linear includes sideways",
                     {"src/linear/x.cpp": '#include "sampling/s.hpp"\n'})

    def test_refuses_an_include_of_a_front_end(self):
        self.refuses("src/search/x.cpp:1: search includes upwards",
                     {"src/search/x.cpp": '#include "cli/table.hpp"\n'})

    def test_refuses_a_cycle_inside_a_folder(self):
        self.refuses("include cycle: src/core/d.hpp -> src/core/e.hpp -> src/core/d.hpp",
                     {"src/core/d.hpp": '#include "core/e.hpp"\n',
                      "src/core/e.hpp": '#include "d.hpp"\n'})

    def test_refuses_a_library_in_a_public_header(self):
        self.refuses("include/prodigest/core/x.hpp:1: a public header",
                     {"include/prodigest/core/x.hpp": "#include <fmt/format.h>\n"})

    def test_refuses_a_private_header_in_a_public_one(self):
        self.refuses("include/prodigest/core/x.hpp:1: a public header",
                     {"include/prodigest/core/x.hpp": '#include "core/c.hpp"\n'})

    def test_refuses_a_file_that_is_not_there(self):
        self.refuses('src/core/x.cpp:1: "core/gone.hpp" is no file',
                     {"src/core/x.cpp": '#include "core/gone.hpp"\n'})

    def test_refuses_a_folder_without_a_floor(self):
        self.refuses("src/attic/x.cpp:1: folder attic has no floor",
                     {"src/attic/x.cpp": "#include <vector>\n"})

    def test_refuses_an_empty_tree(self):
        code, _ = run({})
        self.assertEqual(code, 1)


if __name__ == "__main__":
    unittest.main()
