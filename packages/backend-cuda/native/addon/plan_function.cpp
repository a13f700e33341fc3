#include "plan_function.h"

#include <cstring>
#include <vector>

#include "../execution/cuda_backend.h"
#include "halyard/node/addon.h"
#include "halyard/node/task.h"

namespace halyard::cuda {
namespace {

using Plans = std::vector<Result<ProductPlan>>;

Result<Plans> plan_all(Backend* backend, const std::vector<std::byte>& bytes) {
  if (backend == nullptr)
    return Error{"destroyed", "products for a device that is closed", "an open device", "Create a new context."};
  auto products = decode_products(bytes);
  if (!products) return products.error();
  auto library = static_cast<CudaBackend*>(backend)->products();
  if (!library) return library.error();
  Plans plans;
  for (const LibraryProduct& product : products.value()) plans.push_back(library.value()->plan(product));
  return plans;
}

Napi::Object to_object(Napi::Env env, const Result<ProductPlan>& plan) {
  Napi::Object object = Napi::Object::New(env);
  if (!plan) {
    object.Set("refusal", plan.error().found);
    return object;
  }
  object.Set("workspaceBytes", static_cast<double>(plan.value().workspace_bytes));
  object.Set("algorithm", plan.value().algorithm);
  object.Set("waves", static_cast<double>(plan.value().waves));
  return object;
}

}  // namespace

Napi::Value plan_function(const Napi::CallbackInfo& information) {
  const auto array = information[1].As<Napi::Uint8Array>();
  std::vector<std::byte> bytes(array.ByteLength());
  if (!bytes.empty()) std::memcpy(bytes.data(), array.Data(), bytes.size());
  return node::Task<Plans>::start(
      information.Env(),
      [backend = node::backend_of(information[0]), bytes = std::move(bytes)] { return plan_all(backend.get(), bytes); },
      [](Napi::Env env, Plans& plans) -> Napi::Value {
        Napi::Array list = Napi::Array::New(env);
        for (const auto& plan : plans) list.Set(list.Length(), to_object(env, plan));
        return list;
      });
}

}  // namespace halyard::cuda
