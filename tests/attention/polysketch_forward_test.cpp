#include <gtest/gtest.h>

#include "attention/polysketch_reference.hpp"

namespace prodigest::attention {
namespace {

TEST(PolysketchForward, IsItsDefinition) {
  for (const Index tokens : {1, 2, 64, 65, 200})
    for (const char* text :
         {"polysketch:size=6,epsilon=0.01", "polysketch:size=5,local_block=64",
          "polysketch:size=5,local_block=100", "polysketch:degree=2,local_block=7",
          "polysketch:degree=8,size=4,local_block=48", "polysketch:degree=2,norm=rms",
          "polysketch:size=8,sketch=hadamard,norm=none"})
      for (const bool causal : {true, false}) {
        const AttentionSpec spec = parse_attention_spec(text);
        if (!causal && spec.local_block > 0) continue;
        SCOPED_TRACE(testing::Message() << text << " tokens " << tokens << " causal " << causal);
        Attention<double> attention(spec, {.heads = 4, .key_heads = 2, .head_dim = 8, .value_dim = 5});
        attention.set_remote_gain(std::vector{1.0, 0.3, 2.0, 0.0});
        const auto in = normal_inputs<double>(attention.shape(), 2, tokens, 7);
        Denominators<double> denominators;
        const auto out = applied(attention, in, {.causal = causal}, &denominators);
        const auto expected = polysketch_reference(attention, in, causal);
        EXPECT_LT(relative_error(out.values, expected.out.values), 1e-13);
        EXPECT_LT(relative_error(denominators.values, expected.denominators), 1e-13);
      }
}

}  // namespace
}  // namespace prodigest::attention
