#include "exact_product.hpp"

namespace prodigest::cli {

sampling::RowSample whole_matrix(Input input, const Session& session, Seed seed) {
  return compare::whole_matrix(*input.reader, input.schema, session.context("whole matrix"), seed);
}

compare::KnownProduct known_product(Input a, Input b, const Session& session) {
  return {whole_matrix(std::move(a), session), whole_matrix(std::move(b), session),
          session.context("exact product")};
}

}  // namespace prodigest::cli
