// Prints the version if a call into the installed library gives what it must.
#include <cstdio>

#include "prodigest/base/version.hpp"
#include "prodigest/core/random.hpp"

int main() {
  const double u = prodigest::uniform(prodigest::Seed{42}, prodigest::Domain::kRowSelection, 7);
  if (!(u > 0 && u < 1)) return 1;
  std::puts(prodigest::kVersion);
}
