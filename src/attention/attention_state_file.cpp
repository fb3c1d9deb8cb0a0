#include "attention/head_states.hpp"
#include "base/fail.hpp"
#include "io/digest_fields.hpp"

namespace prodigest::attention {
namespace {

template <Real T>
StateNumbers<T> read_numbers(const io::Container& file, const AttentionState& state) {
  const auto sums = file.values<T>("sums", {state.sequences, state.key_heads, state.layout.sums()});
  const auto open = file.values<T>("open", {state.sequences, state.key_heads, state.layout.open()});
  return {{sums.begin(), sums.end()}, {open.begin(), open.end()}};
}

std::vector<Index> read_counts(const io::Container& file, std::string_view name, Index sequences) {
  const auto counts = file.values<Index>(name, {sequences});
  return {counts.begin(), counts.end()};
}

AttentionState read(const io::Container& file) {
  AttentionState state;
  state.fingerprint = file.integer("fingerprint");
  state.spec = parse_attention_spec(file.text("spec"));
  state.sequences = io::read_index(file, "sequences");
  state.key_heads = io::read_index(file, "key_heads");
  state.layout = {.size = io::read_index(file, "size"),
                  .value_dim = io::read_index(file, "value_dim"),
                  .block = io::read_index(file, "block"),
                  .kept = io::read_index(file, "kept"),
                  .local = file.integer("local") != 0};
  if (!is_sound(state.layout)) fail(ErrorCode::kFormat, "{}: sizes are out of range", file.name());
  state.tokens = read_counts(file, "tokens", state.sequences);
  state.open_tokens = read_counts(file, "open_tokens", state.sequences);
  const io::Tensor* sums = file.find("sums");
  if (sums != nullptr && sums->dtype == io::DType::kF32)
    state.numbers = read_numbers<float>(file, state);
  else
    state.numbers = read_numbers<double>(file, state);
  if (!is_sound(state))
    fail(ErrorCode::kFormat, "{}: counts of tokens are out of range", file.name());
  return state;
}

}  // namespace

std::vector<std::byte> to_bytes(const AttentionState& state) {
  if (!is_sound(state))
    fail(ErrorCode::kInvalidArgument, "save: the state is not as long as it says");
  const StateLayout& layout = state.layout;
  const io::Metadata metadata = {{"spec", to_text(state.spec)},
                                 {"fingerprint", std::to_string(state.fingerprint)},
                                 {"sequences", std::to_string(state.sequences)},
                                 {"key_heads", std::to_string(state.key_heads)},
                                 {"size", std::to_string(layout.size)},
                                 {"value_dim", std::to_string(layout.value_dim)},
                                 {"block", std::to_string(layout.block)},
                                 {"kept", std::to_string(layout.kept)},
                                 {"local", layout.local ? "1" : "0"}};
  return std::visit(
      [&](const auto& numbers) {
        const io::Tensor tensors[] = {
            io::tensor_of("tokens", state.tokens), io::tensor_of("open_tokens", state.open_tokens),
            io::tensor_of("sums", numbers.sums, {state.sequences, state.key_heads, layout.sums()}),
            io::tensor_of("open", numbers.open, {state.sequences, state.key_heads, layout.open()})};
        return io::container_bytes(kAttentionStateKind, metadata, tensors);
      },
      state.numbers);
}

AttentionState attention_state_from(const io::Container& container) {
  return io::read_digest(container, kAttentionStateKind, read);
}

void save(const AttentionState& state, const std::filesystem::path& path) {
  io::write_file(path, to_bytes(state));
}

AttentionState load_attention_state(const std::filesystem::path& path) {
  return attention_state_from(io::Container::open(path));
}

}  // namespace prodigest::attention
