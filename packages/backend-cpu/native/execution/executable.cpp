#include "executable.h"

#include <algorithm>
#include <limits>
#include <string>

#include "configuration.h"
#include "domain.h"
#include "factories.h"

namespace halyard::cpu {
namespace {

/// The adapter's, see src/adapter.ts.
constexpr std::int64_t alignment = 32;
/// Of scratch memory, wherever the workspace begins.
constexpr std::size_t scratch_alignment = 64;

std::int64_t work_of(const Step& step) {
  std::int64_t elements = 0;
  for (const auto& input : step.inputs)
    if (input) elements += input->elements();
  for (const Target& output : step.outputs) elements += count_of(result_shape(output));
  const bool multiplies = step.kind == StepKind::matmul || step.kind == StepKind::attention;
  return multiplies ? elements * 4 : elements;
}

template <typename Visit>
void visit_views(const Step& step, Visit visit) {
  auto visit_expression = [&visit](const std::optional<Expression>& expression) {
    if (!expression) return;
    for (const View& view : expression->inputs) visit(view, -1);
  };
  for (std::size_t i = 0; i < step.inputs.size(); i++) {
    if (!step.inputs[i]) continue;
    visit(*step.inputs[i], static_cast<int>(i));
    visit_expression(step.inputs[i]->prologue);
    if (const auto& quantization = step.inputs[i]->quantization) {
      visit(quantization->scale, static_cast<int>(i));
      if (quantization->zero_point) visit(*quantization->zero_point, static_cast<int>(i));
    }
  }
  for (const Target& output : step.outputs) {
    visit(output, -1);
    if (output.rows) visit(output.rows->indices, -1);
  }
  visit_expression(step.epilogue);
}

}  // namespace

Result<std::shared_ptr<Executable>> CpuExecutable::compile(Program program, Level level, int threads) {
  auto executable = std::make_shared<CpuExecutable>();
  executable->program_ = std::move(program);
  executable->threads_ = threads;
  if (Failure failure = executable->make_kernels(level)) return *failure;
  executable->alone_ = threads == 1 || executable->is_small();
  executable->arrange();
  return std::shared_ptr<Executable>(std::move(executable));
}

/// Waking a thread takes as long as ten thousand elements.
bool CpuExecutable::is_small() const {
  std::int64_t work = 0;
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  for (std::size_t i = 0; i < program_.steps.size(); i++) {
    work += work_of(program_.steps[i]);
    least = std::min(least, configured(program_.tuning[i], knobs::parallel_elements));
  }
  return work < least;
}

Failure CpuExecutable::make_kernels(Level level) {
  reads_.assign(program_.bindings.size(), false);
  PackedRequests requests;
  for (std::size_t i = 0; i < program_.steps.size(); i++) {
    const Step& step = program_.steps[i];
    if (Failure failure = check_configuration(step.kind, step.kind_name, program_.tuning[i])) {
      failure->found = "step " + std::to_string(i) + ", a " + failure->found;
      return failure;
    }
    std::string refusal = "no kernel for this kind";
    const CompileContext context{program_,  threads_,          level,  this_processor(),
                                 requests, program_.tuning[i], refusal};
    const Factory factory = factory_of(step.kind);
    std::unique_ptr<StepKernel> kernel = factory != nullptr ? factory(context, step) : nullptr;
    if (!kernel)
      return Error{"unsupported", "step " + std::to_string(i) + " (" + step.kind_name + "): " + refusal,
                   "a step that supports() accepts",
                   "Ask supports() before compiling; it names the part to take off the step."};
    note_reads(step, requests.take_touched());
    kernels_.push_back(std::move(kernel));
  }
  for (const PackedRequests::Request& request : requests.all())
    packed_.push_back({request.bindings, request.layout, static_cast<std::int64_t>(request.bytes)});
  return std::nullopt;
}

/// Inputs whose constants the step has asked for in a packed form are not read as they are.
void CpuExecutable::note_reads(const Step& step, const std::vector<std::int32_t>& packed) {
  visit_views(step, [&](const View& view, int input) {
    const std::int32_t binding = program_.tensor_of(view).binding;
    if (binding < 0) return;
    if (input >= 0 && std::find(packed.begin(), packed.end(), binding) != packed.end()) return;
    reads_[static_cast<std::size_t>(binding)] = true;
  });
}

void CpuExecutable::arrange() {
  struct Taken {
    std::size_t first;
    std::size_t last;
    std::size_t begin;
    std::size_t end;
  };
  std::vector<std::size_t> over(program_.steps.size());
  std::vector<Taken> taken;
  for (std::size_t i = 0; i < kernels_.size(); i++) {
    std::size_t first = 0;
    for (std::int32_t before : program_.steps[i].after) first = std::max(first, over[static_cast<std::size_t>(before)]);
    const auto stages = static_cast<std::size_t>(kernels_[i]->stages());
    over[i] = first + stages;
    if (phases_.size() < over[i]) phases_.resize(over[i]);
    for (std::size_t stage = 0; stage < stages; stage++)
      phases_[first + stage].push_back({kernels_[i].get(), static_cast<int>(stage)});
    // First fit among the scratch of steps that may be under way at the same time.
    const std::size_t bytes = (kernels_[i]->scratch_bytes(threads_) + 63) / 64 * 64;
    if (bytes == 0) continue;
    std::vector<Taken> beside;
    for (const Taken& other : taken)
      if (other.first < over[i] && first < other.last) beside.push_back(other);
    std::sort(beside.begin(), beside.end(), [](const Taken& a, const Taken& b) { return a.begin < b.begin; });
    std::size_t begin = 0;
    for (const Taken& other : beside)
      if (other.begin < begin + bytes && begin < other.end) begin = other.end;
    taken.push_back({first, over[i], begin, begin + bytes});
    kernels_[i]->set_scratch_offset(begin);
    scratch_bytes_ = std::max(scratch_bytes_, begin + bytes);
  }
  if (scratch_bytes_ > 0) scratch_bytes_ += scratch_alignment;
  scratch_offset_ = (program_.workspace_bytes + alignment - 1) / alignment * alignment;
}

std::vector<KernelChoice> CpuExecutable::explain() const {
  std::vector<KernelChoice> choices;
  for (std::size_t i = 0; i < kernels_.size(); i++) {
    Description description = kernels_[i]->describe();
    report(description.configuration, knobs::parallel_elements,
           configured(program_.tuning[i], knobs::parallel_elements));
    choices.push_back({static_cast<std::int32_t>(i), std::move(description.kernel),
                       std::move(description.configuration), std::move(description.reason)});
  }
  return choices;
}

void CpuExecutable::run(ThreadPool& pool, const BindingTable& table) const {
  std::vector<std::byte*> bindings(table.spans.size());
  for (std::size_t i = 0; i < bindings.size(); i++)
    bindings[i] = table.spans[i].region ? table.spans[i].data() : nullptr;
  std::vector<const std::byte*> packed(table.packed.size());
  for (std::size_t i = 0; i < packed.size(); i++) packed[i] = table.packed[i].data();
  std::byte* workspace = table.workspace.region ? table.workspace.data() : nullptr;
  std::byte* scratch = workspace == nullptr ? nullptr : workspace + scratch_offset_;
  const auto past = reinterpret_cast<std::uintptr_t>(scratch) % scratch_alignment;
  if (scratch_bytes_ > 0 && past != 0) scratch += scratch_alignment - past;
  const Frame frame{bindings.data(), workspace, scratch, packed.data()};
  if (alone_) {
    for (const auto& phase : phases_)
      for (const Item& item : phase) item.kernel->run(frame, item.stage, 0, 1);
    return;
  }
  pool.run(static_cast<int>(phases_.size()), [this, &frame](int phase, int part) {
    for (const Item& item : phases_[static_cast<std::size_t>(phase)])
      item.kernel->run(frame, item.stage, part, threads_);
  });
}

}  // namespace halyard::cpu
