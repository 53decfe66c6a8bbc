#pragma once

#include <napi.h>
#include <node_api.h>

#include <memory>

#include "uv_poll.hpp"

// Calls a JavaScript function once a descriptor is readable. Lives on until the event loop has let go of the handle.
class Readable {
 public:
  // Returns nullptr after throwing.
  static Readable* Create(Napi::Env env, int fd, Napi::Function callback);

  // The next time the descriptor is readable, or at once where it is, the callback is called, once.
  void Arm();

  // No callback any more; frees itself later.
  void Close();

 private:
  Readable(Napi::Env env, Napi::Function callback);

  uv_handle_s* handle() { return reinterpret_cast<uv_handle_s*>(poll_); }
  static void OnReadable(uv_poll_s* poll, int status, int events);
  static void OnClosed(uv_handle_s* handle);
  static void OnEnvironmentEnd(napi_async_cleanup_hook_handle, void* self);

  Napi::Env env_;
  Napi::FunctionReference callback_;
  Napi::AsyncContext context_;
  napi_async_cleanup_hook_handle cleanup_ = nullptr;
  std::unique_ptr<char[]> memory_;
  uv_poll_s* poll_;
  bool closing_ = false;
};
