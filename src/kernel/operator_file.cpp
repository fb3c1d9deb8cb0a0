#include <algorithm>
#include <cmath>
#include <functional>
#include <span>
#include <string>
#include <utility>

#include "base/fail.hpp"
#include "io/digest_fields.hpp"
#include "kernel/operator_impl.hpp"
#include "prodigest/io/container.hpp"

namespace prodigest::kernel {
namespace {

Matrix<float> compact(MatrixView<const float> from) {
  Matrix<float> out(from.rows, from.cols);
  for (Index i = 0; i < from.rows; ++i) std::ranges::copy(from.row(i), out.view().row_data(i));
  return out;
}

// Surprises, a member an array.
struct SurpriseColumns {
  std::vector<Index> rows{}, cells{}, keys{};
  std::vector<float> values{};

  explicit SurpriseColumns(const std::vector<Surprise>& from) {
    for (const Surprise& one : from) {
      rows.push_back(one.row);
      cells.push_back(one.cell);
      keys.push_back(one.key);
      values.push_back(one.value);
    }
  }
};

// What the tensors of a plan borrow from.
class PlanTensors {
 public:
  explicit PlanTensors(const GaussianPlan& plan)
      : plan_(plan),
        keys_(compact(plan.points.keys.rows.view())),
        queries_(compact(plan.points.queries.rows.view())),
        key_centres_(compact(plan.key_cells.centres.view())),
        query_centres_(compact(plan.query_cells.centres.view())),
        surprises_(plan.pilot.surprises) {
    for (const Rate& rate : plan.pilot.table.steps()) {
      deviations_.push_back(rate.deviation);
      means_.push_back(rate.mean);
    }
  }

  std::vector<std::byte> bytes() const {
    std::vector<io::Tensor> tensors;
    add_points(tensors);
    if (plan_.can_sample()) add_sampling(tensors);
    return io::container_bytes(kGaussianOperatorKind, metadata(), tensors);
  }

 private:
  io::Metadata metadata() const {
    io::Metadata metadata = {{"spec", to_text(plan_.spec)},
                             {"queries", std::to_string(plan_.queries())},
                             {"keys", std::to_string(plan_.keys())},
                             {"dim", std::to_string(plan_.points.dim)},
                             {"same", plan_.points.same ? "1" : "0"},
                             {"scale", io::exact_text(plan_.points.scale)},
                             {"sampling", plan_.can_sample() ? "1" : "0"}};
    if (!plan_.can_sample()) return metadata;
    const Pilot& pilot = plan_.pilot;
    const io::Metadata more = {{"key_cells", std::to_string(plan_.key_cells.count())},
                               {"query_cells", std::to_string(plan_.query_cells.count())},
                               {"near", std::to_string(plan_.near.near)},
                               {"pilot_groups", std::to_string(pilot.groups.size())},
                               {"pilot_rows", std::to_string(pilot.rows_of_group)},
                               {"surprises", std::to_string(pilot.surprises.size())},
                               {"near_recall", io::exact_text(pilot.near_recall)},
                               {"near_share", io::exact_text(pilot.near_share)},
                               {"row_sum", io::exact_text(pilot.row_sum)},
                               {"table_first", io::exact_text(double{pilot.table.first()})},
                               {"table_scale", io::exact_text(double{pilot.table.scale()})},
                               {"table_steps", std::to_string(pilot.table.steps().size())}};
    metadata.insert(metadata.end(), more.begin(), more.end());
    return metadata;
  }

  void add_points(std::vector<io::Tensor>& to) const {
    const Index dim = plan_.points.dim;
    to.push_back(io::tensor_of("keys", keys_.storage, {plan_.keys(), dim}));
    to.push_back(io::tensor_of("key_offsets", plan_.points.keys.offsets));
    to.push_back(io::tensor_of("key_order", plan_.key_order));
    if (plan_.points.same) return;
    to.push_back(io::tensor_of("queries", queries_.storage, {plan_.queries(), dim}));
    to.push_back(io::tensor_of("query_offsets", plan_.points.queries.offsets));
    to.push_back(io::tensor_of("query_order", plan_.query_order));
  }

  void add_sampling(std::vector<io::Tensor>& to) const {
    add_cells(to, "key", plan_.key_cells, key_centres_);
    add_cells(to, "query", plan_.query_cells, query_centres_);
    const NearKeys& near = plan_.near;
    to.push_back(io::tensor_of("near_counts", near.counts));
    to.push_back(io::tensor_of("near_keys", near.keys));
    to.push_back(io::tensor_of("near_values", near.values));
    const Pilot& pilot = plan_.pilot;
    to.push_back(io::tensor_of("pilot_cells", pilot.groups));
    for (const auto& [name, matrix] :
         {std::pair{"pilot_squares", &pilot.squares}, {"pilot_rates", &pilot.rates}})
      to.push_back(io::tensor_of(name, matrix->storage, {matrix->rows, matrix->cols}));
    to.push_back(io::tensor_of("surprise_rows", surprises_.rows));
    to.push_back(io::tensor_of("surprise_cells", surprises_.cells));
    to.push_back(io::tensor_of("surprise_keys", surprises_.keys));
    to.push_back(io::tensor_of("surprise_values", surprises_.values));
    to.push_back(io::tensor_of("table_deviations", deviations_));
    to.push_back(io::tensor_of("table_means", means_));
  }

  static void add_cells(std::vector<io::Tensor>& to, const std::string& of, const Cells& cells,
                        const Matrix<float>& centres) {
    to.push_back(io::tensor_of(of + "_cell_members", cells.members));
    to.push_back(io::tensor_of(of + "_cell_starts", cells.starts));
    to.push_back(
        io::tensor_of(of + "_cell_centres", centres.storage, {centres.rows, centres.cols}));
    to.push_back(io::tensor_of(of + "_cell_radii", cells.square_radii));
  }

  const GaussianPlan& plan_;
  const Matrix<float> keys_, queries_, key_centres_, query_centres_;
  const SurpriseColumns surprises_;
  std::vector<float> deviations_{}, means_{};
};

class PlanReader {
 public:
  PlanReader(const io::Container& file, GaussianPlan& plan) : file_(file), plan_(plan) {}

  void read() {
    plan_.spec = parse_gaussian_spec(file_.text("spec"));
    keys_ = io::read_index(file_, "keys");
    queries_ = io::read_index(file_, "queries");
    plan_.points.dim = io::read_index(file_, "dim");
    plan_.points.same = file_.integer("same") != 0;
    plan_.points.scale = file_.number("scale");
    expect(plan_.points.dim > 0 && keys_ > 0 && (!plan_.points.same || keys_ == queries_),
           "sizes of points");
    expect(std::isfinite(plan_.points.scale) && plan_.points.scale > 0, "scale");
    plan_.points.keys = points("key", keys_);
    plan_.key_order = order("key_order", keys_);
    if (!plan_.points.same) plan_.points.queries = points("query", queries_);
    plan_.query_order = plan_.points.same ? plan_.key_order : order("query_order", queries_);
    if (file_.integer("sampling") != 0) read_sampling();
    complete_cells(plan_, {});
    complete_plan(plan_);
  }

 private:
  void expect(bool good, const char* what) const {
    if (!good) fail(ErrorCode::kFormat, "{}: {} are out of range", file_.name(), what);
  }

  template <class T>
  std::vector<T> vector(std::string_view name, Index size) const {
    const auto values = file_.values<T>(name, {size});
    return {values.begin(), values.end()};
  }
  template <class T>
  std::vector<T> below(std::string_view name, Index size, Index limit) const {
    std::vector<T> values = vector<T>(name, size);
    expect(std::ranges::all_of(values, [=](T x) { return x >= 0 && x < limit; }), "indices");
    return values;
  }
  std::vector<float> finite(std::string_view name, Index size) const {
    std::vector<float> values = vector<float>(name, size);
    expect(std::ranges::all_of(values, [](float x) { return std::isfinite(x); }), "numbers");
    return values;
  }
  Matrix<float> matrix(std::string_view name, Index rows, Index cols) const {
    const auto values = file_.values<float>(name, {rows, cols});  // of a shape that is there
    Matrix<float> out(rows, cols);
    std::ranges::copy(values, out.storage.begin());
    expect(std::ranges::all_of(out.storage, [](float x) { return std::isfinite(x); }), "numbers");
    return out;
  }
  AlignedMatrix<float> aligned(std::string_view name, Index rows, Index cols) const {
    const Matrix<float> from = matrix(name, rows, cols);
    AlignedMatrix<float> out(rows, cols);
    for (Index i = 0; i < rows; ++i) std::ranges::copy(from.view().row(i), out.view().row_data(i));
    return out;
  }

  CentredPoints points(const std::string& of, Index count) const {
    return {aligned(of == "key" ? "keys" : "queries", count, plan_.points.dim),
            finite(of + "_offsets", count)};
  }
  // Every row once.
  std::vector<Index> order(std::string_view name, Index count) const {
    std::vector<Index> order = below<Index>(name, count, count);
    std::vector<bool> seen(order.size());
    for (const Index row : order) seen[static_cast<std::size_t>(row)] = true;
    expect(std::ranges::count(seen, false) == 0, "orders");
    return order;
  }
  Cells cells(const std::string& of, Index points) const {
    const Index count = io::read_index(file_, of + "_cells");
    expect(count <= points, "cells");
    Cells cells;
    cells.members = order(of + "_cell_members", points);
    cells.starts = below<Index>(of + "_cell_starts", count + 1, points + 1);
    expect(
        count > 0 && cells.starts.front() == 0 && cells.starts.back() == points &&
            std::ranges::adjacent_find(cells.starts, std::greater_equal<>()) == cells.starts.end(),
        "cells");
    cells.centres = aligned(of + "_cell_centres", count, plan_.points.dim);
    cells.square_radii = finite(of + "_cell_radii", count);
    return cells;
  }

  void read_sampling() {
    plan_.key_cells = cells("key", keys_);
    plan_.query_cells = cells("query", queries_);
    plan_.near = near();
    plan_.pilot = pilot();
  }

  NearKeys near() const {
    NearKeys near{.near = io::read_index(file_, "near")};
    expect(near.near <= keys_, "near keys");
    near.counts = below<std::int32_t>("near_counts", queries_, near.near + 1);
    near.keys = below<std::int32_t>("near_keys", queries_ * near.near, keys_);
    near.values = finite("near_values", queries_ * near.near);
    for (Index query = 0; query < queries_; ++query) {
      const std::span keys(near.keys.data() + query * near.near,
                           static_cast<std::size_t>(near.counts[query]));
      expect(std::ranges::adjacent_find(keys, std::greater_equal<>()) == keys.end(), "near keys");
    }
    return near;
  }

  Pilot pilot() const {
    const Index groups = io::read_index(file_, "pilot_groups"), key_cells = plan_.key_cells.count();
    Pilot pilot{.groups = below<Index>("pilot_cells", groups, plan_.query_cells.count()),
                .rows_of_group = io::read_index(file_, "pilot_rows"),
                .squares = matrix("pilot_squares", groups, key_cells),
                .rates = matrix("pilot_rates", groups, key_cells),
                .near_recall = file_.number("near_recall"),
                .near_share = file_.number("near_share"),
                .row_sum = file_.number("row_sum")};
    expect(groups > 0 && pilot.rows_of_group > 0 && pilot.rows_of_group <= kLanes,
           "sizes of the pilot");
    expect(std::ranges::all_of(pilot.rates.storage, [](float x) { return x > 0; }), "rates");
    expect(pilot.near_share > 0 && pilot.row_sum > 0, "sums of rows");
    pilot.surprises = surprises(groups, pilot.rows_of_group);
    const Index steps = io::read_index(file_, "table_steps");
    const std::vector<float> deviations = finite("table_deviations", steps),
                             means = finite("table_means", steps);
    expect(steps > 0 && std::ranges::all_of(deviations, [](float x) { return x > 0; }), "rates");
    std::vector<Rate> table;
    for (std::size_t i = 0; i < means.size(); ++i) table.push_back({deviations[i], means[i]});
    pilot.table = RateTable(static_cast<float>(file_.number("table_first")),
                            static_cast<float>(file_.number("table_scale")), table);
    return pilot;
  }

  std::vector<Surprise> surprises(Index groups, Index rows_of_group) const {
    const Index count = io::read_index(file_, "surprises");
    const auto at = below<Index>("surprise_rows", count, groups * rows_of_group);
    expect(std::ranges::is_sorted(at, {}, [=](Index row) { return row / rows_of_group; }),
           "surprises");
    const auto cells = below<Index>("surprise_cells", count, plan_.key_cells.count());
    const auto keys = below<Index>("surprise_keys", count, keys_);
    const std::vector<float> values = finite("surprise_values", count);
    std::vector<Surprise> out;
    for (std::size_t i = 0; i < at.size(); ++i)
      out.push_back({at[i], cells[i], keys[i], values[i]});
    return out;
  }

  const io::Container& file_;
  GaussianPlan& plan_;
  Index keys_ = 0, queries_ = 0;
};

}  // namespace

std::vector<std::byte> to_bytes(const GaussianOperator& made) {
  return PlanTensors(made.impl_->plan).bytes();
}

void save(const GaussianOperator& made, const std::filesystem::path& path) {
  io::write_file(path, to_bytes(made));
}

GaussianOperator gaussian_operator_from(const io::Container& container) {
  auto impl = std::make_unique<GaussianOperator::Impl>();
  io::read_digest(container, kGaussianOperatorKind,
                  [&](const io::Container& file) { PlanReader(file, impl->plan).read(); });
  return GaussianOperator(std::move(impl));
}

GaussianOperator load_gaussian_operator(const std::filesystem::path& path) {
  return gaussian_operator_from(io::Container::open(path));
}

}  // namespace prodigest::kernel
