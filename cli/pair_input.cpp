#include "pair_input.hpp"

namespace prodigest::cli {

void PairInputOptions::add_options(CLI::App& command) {
  both_.add_options(command);
  a_.add_options(command, "a-");
  b_.add_options(command, "b-");
}

io::ReadOptions PairInputOptions::own_or(io::ReadOptions own, const io::ReadOptions& both) {
  const io::ReadOptions none;
  const auto fall_back = [&](auto io::ReadOptions::*member) {
    if (own.*member == none.*member) own.*member = both.*member;
  };
  fall_back(&io::ReadOptions::key);
  fall_back(&io::ReadOptions::key_encoding);
  fall_back(&io::ReadOptions::columns);
  fall_back(&io::ReadOptions::missing);
  fall_back(&io::ReadOptions::header);
  fall_back(&io::ReadOptions::words);
  fall_back(&io::ReadOptions::vocabulary_size);
  fall_back(&io::ReadOptions::vocabulary);
  fall_back(&io::ReadOptions::array);
  fall_back(&io::ReadOptions::zero_based);
  fall_back(&io::ReadOptions::features);
  fall_back(&io::ReadOptions::first_row);
  fall_back(&io::ReadOptions::presence);
  return own;
}

}  // namespace prodigest::cli
