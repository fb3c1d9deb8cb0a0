#pragma once
// The unit of work of every kind of attention: one key head of one sequence, with the query heads
// that meet it. What kinds share (shapes, normalization, scale, sequences, threads, half precision)
// is done around it; a kind is a function that solves one, on the caller's thread.

#include <span>
#include <vector>

#include "attention/head_rows.hpp"

namespace prodigest::attention {

template <Real T>
struct QueryHead {
  HeadRows<T> q;                ///< n x width
  HeadOut<T> out;               ///< n x value_dim
  std::span<T> denominators{};  ///< [n], as Denominators says; empty: not asked for
  double remote_gain = 1;
};

/// What linear kinds keep of the tokens seen: one key head of one sequence of an AttentionState.
template <Real T>
struct HeadState {
  std::span<T> sums;  ///< features x value_dim, then the sums of the features
  std::span<T> open;  ///< of kPolysketch: the block that is not yet in the sums
  Index open_tokens = 0;
  bool empty = true;  ///< nothing is in the sums yet
};

template <Real T>
struct HeadProblem {
  std::vector<QueryHead<T>> queries;
  HeadRows<T> k, v;               ///< as many rows each
  bool causal = true;             ///< query i sees keys 0 .. first_query + i, else all
  Index first_query = 0;          ///< place of query 0 among the keys; linear kinds have 0
  HeadState<T>* state = nullptr;  ///< goes on from here and moves it on; else nothing was seen
};

/// The gradients of one query head. What a kind adds to `q` (and to HeadGradients::k) is the
/// gradient in the rows that HeadRows::load gives: the rest of the way is gone around it.
template <Real T>
struct QueryGradients {
  MatrixView<const T> out;          ///< of the forward pass
  std::span<const T> denominators;  ///< of the forward pass
  HeadRows<T> dout;                 ///< not normalized
  MatrixView<T> q;                  ///< added to
  double remote_gain = 0;           ///< added to
};

template <Real T>
struct HeadGradients {
  std::vector<QueryGradients<T>> queries;
  MatrixView<T> k, v;                    ///< added to
  MatrixView<T> sketch_a{}, sketch_b{};  ///< added to; empty: not asked for
};

}  // namespace prodigest::attention
