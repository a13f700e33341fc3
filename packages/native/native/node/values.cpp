#include <string>

#include "environment.h"

namespace halyard::node {

Napi::Error to_error(Napi::Env env, const Error& error) {
  Napi::Error result = Napi::Error::New(env, error.found);
  Napi::Object details = Napi::Object::New(env);
  details.Set("code", error.code);
  details.Set("found", error.found);
  details.Set("expected", error.expected);
  details.Set("remedy", error.remedy);
  result.Value().Set("halyard", details);
  return result;
}

void raise(Napi::Env env, const Error& error) { to_error(env, error).ThrowAsJavaScriptException(); }

Attributes to_attributes(const Napi::Object& object) {
  Attributes attributes;
  Napi::Array names = object.GetPropertyNames();
  for (std::uint32_t i = 0; i < names.Length(); i++) {
    std::string name = names.Get(i).As<Napi::String>().Utf8Value();
    Napi::Value value = object.Get(name);
    if (value.IsNumber())
      attributes.set(std::move(name), value.As<Napi::Number>().DoubleValue());
    else if (value.IsString())
      attributes.set(std::move(name), value.As<Napi::String>().Utf8Value());
    else if (value.IsBoolean())
      attributes.set(std::move(name), value.As<Napi::Boolean>().Value());
  }
  return attributes;
}

Napi::Object to_object(Napi::Env env, const Attributes& attributes) {
  Napi::Object object = Napi::Object::New(env);
  for (const auto& [name, value] : attributes.entries()) {
    if (const double* number = std::get_if<double>(&value))
      object.Set(name, *number);
    else if (const std::string* text = std::get_if<std::string>(&value))
      object.Set(name, *text);
    else if (const bool* flag = std::get_if<bool>(&value))
      object.Set(name, *flag ? 1 : 0);
  }
  return object;
}

Span to_span(const Napi::CallbackInfo& information, std::size_t at) {
  Span span;
  span.region = unwrap<Region>(information[at]);
  span.offset = information[at + 1].As<Napi::Number>().Int64Value();
  span.bytes = information[at + 2].As<Napi::Number>().Int64Value();
  if (!span.region) {
    raise(information.Env(), {"destroyed", "memory that was released", "memory that is still held",
                              "Keep the tensor until nothing uses it any more."});
  } else if (!span.inside()) {
    raise(information.Env(),
          {"bad-argument",
           std::to_string(span.bytes) + " bytes at offset " + std::to_string(span.offset) + " of a region of " +
               std::to_string(span.region->bytes()),
           "a span within its region", "Correct the span."});
    span.region = nullptr;
  }
  return span;
}

std::vector<TokenPointer> to_tokens(const Napi::Value& value) {
  std::vector<TokenPointer> tokens;
  if (!value.IsArray()) return tokens;
  Napi::Array list = value.As<Napi::Array>();
  for (std::uint32_t i = 0; i < list.Length(); i++)
    if (TokenPointer token = unwrap<Token>(list.Get(i))) tokens.push_back(std::move(token));
  return tokens;
}

}  // namespace halyard::node
