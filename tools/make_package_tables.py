#!/usr/bin/env python3
"""Cuts the two demo tables of data/packages from the Debian package index.

    python3 tools/make_package_tables.py [FOLDER]        default: data/packages

Reads `apt-cache dumpavail`, so run it on a Debian 12 machine with the component main only. The same
index gives the same rows; data/packages/README.md describes the cut.
"""

import collections
import gzip
import hashlib
import pathlib
import re
import subprocess
import sys

# A package is in bucket 0..99 by a hash of its name. Each table keeps a range of buckets, which makes
# it a uniform sample of the packages; the ranges differ so that rows lack a partner on either side.
SIZES_BUCKETS = range(0, 58)
DEPENDS_BUCKETS = range(5, 63)
MIN_USERS = 10  # a dependency that fewer packages of the table list is left out: most names are rare


def main_packages(dump):
    """Yields the fields of every package in Debian main."""
    for stanza in dump.split("\n\n"):
        fields = dict(re.findall(r"^([A-Za-z-]+): (.*)$", stanza, re.MULTILINE))
        if fields.get("Filename", "").startswith(("pool/main/", "pool/updates/main/")):
            yield fields


def bucket(name):
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") * 100 >> 64


def dependencies(depends):
    """Names in a Depends field: the first alternative, without version or architecture."""
    first = (clause.split("|")[0] for clause in depends.split(","))
    return {re.split(r"[\s(:]", name.strip())[0] for name in first} - {""}


def write_csv(path, header, rows):
    lines = [header, *(",".join(map(str, row)) for row in sorted(rows))]
    path.write_bytes(gzip.compress(("\n".join(lines) + "\n").encode(), 9, mtime=0))
    return path.stat().st_size


def main(folder):
    dump = subprocess.run(["apt-cache", "dumpavail"], check=True, capture_output=True, text=True).stdout
    packages = {fields["Package"]: fields for fields in main_packages(dump)}

    sizes = [(name, int(fields["Installed-Size"]), -(-int(fields["Size"]) // 1024))
             for name, fields in packages.items()
             if bucket(name) in SIZES_BUCKETS and "Installed-Size" in fields]

    listed = {name: dependencies(fields.get("Depends", "")) for name, fields in packages.items()
              if bucket(name) in DEPENDS_BUCKETS}
    users = collections.Counter(name for names in listed.values() for name in names)
    kept = {package: sorted(name for name in names if users[name] >= MIN_USERS)
            for package, names in listed.items()}
    depends = [(package, " ".join(names)) for package, names in kept.items() if names]

    total_bytes = (write_csv(folder / "sizes.csv.gz", "package,installed_kb,download_kb", sizes)
                   + write_csv(folder / "depends.csv.gz", "package,depends", depends))

    squares = sorted((installed ** 2 for _, installed, _ in sizes), reverse=True)
    shared = {row[0] for row in sizes} & {row[0] for row in depends}
    print(f"packages in the index    {len(packages):,}\n"
          f"rows of sizes            {len(sizes):,}\n"
          f"rows of depends          {len(depends):,}\n"
          f"packages in both         {len(shared):,}\n"
          f"dependency names         {len({name for names in kept.values() for name in names}):,}\n"
          f"dependencies listed      {sum(map(len, kept.values())):,}\n"
          f"largest 0.1 % of rows    {sum(squares[:len(sizes) // 1000]) / sum(squares):.1%}"
          " of the sum of squares of installed_kb\n"
          f"bytes of both files      {total_bytes:,}")


if __name__ == "__main__":
    default = pathlib.Path(__file__).resolve().parent.parent / "data" / "packages"
    main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else default)
