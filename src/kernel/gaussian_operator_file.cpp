#include <algorithm>
#include <cmath>
#include <string>

#include "io/digest_fields.hpp"
#include "kernel/operator_impl.hpp"

namespace prodigest::kernel {
namespace {

using io::Container;

constexpr Index kMostPilotRows = 4096;  // of a group

void require(const Container& file, bool sound, const char* what) {
  if (!sound) fail(ErrorCode::kFormat, "{}: {}", file.name(), what);
}

template <class T>
std::vector<T> read(const Container& file, const std::string& name, Index size) {
  const auto values = file.values<T>(name, {size});
  return {values.begin(), values.end()};
}

Matrix<float> read_matrix(const Container& file, const std::string& name, Index rows, Index cols) {
  const auto values = file.values<float>(name, {rows, cols});
  require(file, std::ranges::all_of(values, [](float x) { return std::isfinite(x); }),
          "a number is not finite");
  Matrix<float> out;
  out.storage.assign(values.begin(), values.end());
  out.rows = rows;
  out.cols = cols;
  return out;
}

Matrix<float> compact(const AlignedMatrix<float>& from) {
  Matrix<float> out(from.view().rows, from.view().cols);
  for (Index i = 0; i < out.rows; ++i)
    std::ranges::copy(from.view().row(i), out.view().row_data(i));
  return out;
}

AlignedMatrix<float> aligned(const Matrix<float>& from) {
  AlignedMatrix<float> out(from.rows, from.cols);
  for (Index i = 0; i < from.rows; ++i)
    std::ranges::copy(from.view().row(i), out.view().row_data(i));
  return out;
}

template <class T>
bool all_in(std::span<const T> values, Index end) {
  return std::ranges::all_of(
      values, [&](T value) { return value >= 0 && static_cast<Index>(value) < end; });
}

bool is_permutation(std::span<const Index> order) {
  if (!all_in(order, std::ssize(order))) return false;
  std::vector<bool> seen(order.size());
  for (const Index i : order) seen[i] = true;
  return std::ranges::all_of(seen, [](bool s) { return s; });
}

// What tensors borrow from while the bytes of a file are made.
struct Parts {
  std::vector<Matrix<float>> matrices{};
  std::vector<io::Tensor> tensors{};

  explicit Parts(std::size_t most) { matrices.reserve(most); }  // borrowed, so never moved
  template <class T>
  void put(const std::string& name, const std::vector<T>& values) {
    tensors.push_back(io::tensor_of(name, values));
  }
  void put(const std::string& name, Matrix<float> matrix) {
    const Matrix<float>& kept = matrices.emplace_back(std::move(matrix));
    tensors.push_back(io::tensor_of(name, kept.storage, {kept.rows, kept.cols}));
  }
  void put(const std::string& name, const CentredPoints& points) {
    put(name, compact(points.rows));
    put(name + ".offsets", points.offsets);
  }
  void put(const std::string& name, const Cells& cells) {
    put(name + ".members", cells.members);
    put(name + ".starts", cells.starts);
    put(name + ".centres", compact(cells.centres));
    put(name + ".square_radii", cells.square_radii);
  }
};

CentredPoints read_points(const Container& file, const std::string& name, Index n, Index dim) {
  CentredPoints points{aligned(read_matrix(file, name, n, dim)),
                       read<float>(file, name + ".offsets", n)};
  require(file, std::ranges::all_of(points.offsets, [](float x) { return std::isfinite(x); }),
          "an offset is not finite");
  return points;
}

Cells read_cells(const Container& file, const std::string& name, Index count, Index n, Index dim) {
  require(file, count <= n, "there are more cells than points");
  Cells cells{.members = read<Index>(file, name + ".members", n),
              .starts = read<Index>(file, name + ".starts", count + 1),
              .centres = aligned(read_matrix(file, name + ".centres", count, dim)),
              .square_radii = read<float>(file, name + ".square_radii", count)};
  const bool sound = is_permutation(cells.members) && cells.starts.front() == 0 &&
                     cells.starts.back() == n &&
                     std::ranges::adjacent_find(cells.starts, std::greater_equal()) ==
                         cells.starts.end();
  require(file, sound, "cells are not a partition");
  return cells;
}

NearKeys read_near(const Container& file, Index n_q, Index n) {
  const Index near = io::read_index(file, "near");
  require(file, near <= n, "there are more near keys than keys");
  NearKeys out{.near = near,
               .counts = read<std::int32_t>(file, "near.counts", n_q),
               .keys = read<std::int32_t>(file, "near.keys", n_q * near),
               .values = read<float>(file, "near.values", n_q * near)};
  for (Index i = 0; i < n_q; ++i) {
    require(file, out.counts[i] >= 0 && out.counts[i] <= near, "a count of near keys is off");
    const auto keys = std::span(out.keys).subspan(static_cast<std::size_t>(i * near),
                                                  static_cast<std::size_t>(out.counts[i]));
    require(file,
            all_in<std::int32_t>(keys, n) &&
                std::ranges::adjacent_find(keys, std::greater_equal()) == keys.end(),
            "near keys are not in order");
  }
  return out;
}

// Columns of numbers instead of structs.
void put_pilot(const Pilot& pilot, Parts& parts, std::vector<std::vector<Index>>& numbers) {
  parts.put("pilot.groups", pilot.groups);
  parts.put("pilot.squares", pilot.squares);
  parts.put("pilot.rates", pilot.rates);
  Matrix<float> steps(std::ssize(pilot.table.steps()), 2);
  for (Index i = 0; i < steps.rows; ++i) {
    steps(i, 0) = pilot.table.steps()[i].deviation;
    steps(i, 1) = pilot.table.steps()[i].mean;
  }
  Matrix<float> values(std::ssize(pilot.surprises), 1);
  numbers.assign(3, {});
  for (Index i = 0; i < values.rows; ++i) {
    const Surprise& s = pilot.surprises[i];
    numbers[0].push_back(s.row);
    numbers[1].push_back(s.cell);
    numbers[2].push_back(s.key);
    values(i, 0) = s.value;
  }
  parts.put("pilot.steps", std::move(steps));
  parts.put("surprises.rows", numbers[0]);
  parts.put("surprises.cells", numbers[1]);
  parts.put("surprises.keys", numbers[2]);
  parts.put("surprises.values", std::move(values));
}

Pilot read_pilot(const Container& file, const GaussianPlan& plan) {
  const Index groups = io::read_index(file, "pilot_groups"), cells = plan.key_cells.count();
  Pilot pilot{.groups = read<Index>(file, "pilot.groups", groups),
              .rows_of_group = io::read_index(file, "pilot_rows"),
              .squares = read_matrix(file, "pilot.squares", groups, cells),
              .rates = read_matrix(file, "pilot.rates", groups, cells),
              .near_recall = file.number("near_recall"),
              .row_sum = file.number("row_sum")};
  const auto positive = [](float x) { return x > 0; };
  require(file,
          groups >= 1 && pilot.rows_of_group >= 1 && pilot.rows_of_group <= kMostPilotRows &&
              all_in<Index>(pilot.groups, plan.query_cells.count()) &&
              std::ranges::all_of(pilot.rates.storage, positive),
          "the pilot is out of range");
  const auto first = static_cast<float>(file.number("table_first"));
  const auto scale = static_cast<float>(file.number("table_scale"));
  const Index size = io::read_index(file, "table_steps");
  const Matrix<float> table = read_matrix(file, "pilot.steps", size, 2);
  std::vector<Rate> steps;
  for (Index i = 0; i < size; ++i) steps.push_back({table(i, 0), table(i, 1)});
  require(file,
          size >= 1 && std::isfinite(first) && std::isfinite(scale) &&
              std::ranges::all_of(steps, [](const Rate& rate) { return rate.deviation > 0; }),
          "the table of rates is out of range");
  pilot.table = RateTable(first, scale, steps);

  const Index count = io::read_index(file, "surprises");
  const auto rows = read<Index>(file, "surprises.rows", count);
  const auto of_cells = read<Index>(file, "surprises.cells", count);
  const auto keys = read<Index>(file, "surprises.keys", count);
  const Matrix<float> values = read_matrix(file, "surprises.values", count, 1);
  require(file,
          all_in<Index>(rows, groups * pilot.rows_of_group) && all_in<Index>(of_cells, cells) &&
              all_in<Index>(keys, plan.keys()) &&
              std::ranges::is_sorted(rows, {}, [&](Index r) { return r / pilot.rows_of_group; }),
          "surprises are out of range");
  for (Index i = 0; i < count; ++i)
    pilot.surprises.push_back({rows[i], of_cells[i], keys[i], values(i, 0)});
  return pilot;
}

std::vector<std::byte> to_bytes(const GaussianPlan& plan) {
  const auto number = [](auto value) { return std::to_string(value); };
  const Pilot& pilot = plan.pilot;
  io::Metadata metadata = {{"spec", to_text(plan.spec)},
                           {"queries", number(plan.queries())},
                           {"keys", number(plan.keys())},
                           {"dim", number(plan.points.dim)},
                           {"same", plan.points.same ? "1" : "0"},
                           {"scale", io::exact_text(plan.points.scale)},
                           {"query_cells", number(plan.query_cells.count())}};
  Parts parts(16);
  std::vector<std::vector<Index>> numbers;
  parts.put("key_order", plan.key_order);
  parts.put("query_order", plan.query_order);
  parts.put("keys", plan.points.keys);
  if (!plan.points.same) parts.put("queries", plan.points.queries);
  if (plan.can_sample()) {
    metadata.insert(metadata.end(), {{"key_cells", number(plan.key_cells.count())},
                                     {"near", number(plan.near.near)},
                                     {"pilot_groups", number(pilot.groups.size())},
                                     {"pilot_rows", number(pilot.rows_of_group)},
                                     {"near_recall", io::exact_text(pilot.near_recall)},
                                     {"row_sum", io::exact_text(pilot.row_sum)},
                                     {"table_first", io::exact_text(double{pilot.table.first()})},
                                     {"table_scale", io::exact_text(double{pilot.table.scale()})},
                                     {"table_steps", number(pilot.table.steps().size())},
                                     {"surprises", number(pilot.surprises.size())}});
    parts.put("key_cells", plan.key_cells);
    parts.put("query_cells", plan.query_cells);
    parts.put("near.counts", plan.near.counts);
    parts.put("near.keys", plan.near.keys);
    parts.put("near.values", plan.near.values);
    put_pilot(pilot, parts, numbers);
  }
  return io::container_bytes(kGaussianOperatorKind, metadata, parts.tensors);
}

GaussianPlan read_plan(const Container& file) {
  GaussianPlan plan{.spec = parse_gaussian_spec(file.text("spec"))};
  const Index n_q = io::read_index(file, "queries"), n = io::read_index(file, "keys");
  const Index query_cells = io::read_index(file, "query_cells");
  plan.points.dim = io::read_index(file, "dim");
  plan.points.same = file.integer("same") != 0;
  plan.points.scale = file.number("scale");
  plan.key_order = read<Index>(file, "key_order", n);
  plan.query_order = read<Index>(file, "query_order", n_q);
  require(file,
          n >= 1 && plan.points.dim >= 1 && is_permutation(plan.key_order) &&
              is_permutation(plan.query_order) && (!plan.points.same || n == n_q),
          "points are not in order");
  plan.points.keys = read_points(file, "keys", n, plan.points.dim);
  if (!plan.points.same) plan.points.queries = read_points(file, "queries", n_q, plan.points.dim);
  if (query_cells > 0) {
    plan.key_cells =
        read_cells(file, "key_cells", io::read_index(file, "key_cells"), n, plan.points.dim);
    plan.query_cells = read_cells(file, "query_cells", query_cells, n_q, plan.points.dim);
    plan.near = read_near(file, n_q, n);
    plan.pilot = read_pilot(file, plan);
  }
  complete(plan, {});
  describe(plan);
  return plan;
}

}  // namespace

void save(const GaussianOperator& made, const std::filesystem::path& path) {
  io::write_file(path, to_bytes(made.impl_->plan));
}

GaussianOperator load_gaussian_operator(const std::filesystem::path& path) {
  const Container file = Container::open(path);
  return GaussianOperator(std::unique_ptr<const GaussianOperator::Impl>(
      new GaussianOperator::Impl{io::read_digest(file, kGaussianOperatorKind, read_plan)}));
}

}  // namespace prodigest::kernel
