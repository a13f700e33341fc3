#pragma once

#include <napi.h>

#include <memory>

#include "halyard/backend.h"

namespace halyard::node {

/// Opens an adapter by its id. Runs on a thread of libuv's: a driver may take its time.
using OpenFunction = Result<std::shared_ptr<Backend>> (*)(const std::string& adapter, const Attributes& options);

/// Puts the flat functions that `openNativeDevice` (packages/native/src) calls into `exports`. Call it once from the
/// addon's initialization; it also sees to it that an environment that ends waits for the work in flight.
void register_device_functions(Napi::Env env, Napi::Object exports, OpenFunction open);

/// The backend of a device that JavaScript has opened; null once that is closed.
std::shared_ptr<Backend> backend_of(const Napi::Value& device);

/// A JavaScript Error that carries the four texts of a HalyardError under `halyard`.
Napi::Error to_error(Napi::Env env, const Error& error);
void raise(Napi::Env env, const Error& error);

/// Numbers, strings and booleans of an object; anything else in it is left out.
Attributes to_attributes(const Napi::Object& object);
Napi::Object to_object(Napi::Env env, const Attributes& attributes);

}  // namespace halyard::node
