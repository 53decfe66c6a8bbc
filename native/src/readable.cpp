#include "readable.hpp"

#include "error.hpp"

Readable::Readable(Napi::Env env, Napi::Function callback)
    : env_(env),
      callback_(Napi::Persistent(callback)),
      context_(env, "spanloom.ring"),
      memory_(new char[uv_handle_size(kUvPollHandle)]),
      poll_(reinterpret_cast<uv_poll_s*>(memory_.get())) {}

Readable* Readable::Create(Napi::Env env, int fd, Napi::Function callback) {
  uv_loop_s* loop = nullptr;
  napi_get_uv_event_loop(env, &loop);
  auto* self = new Readable(env, callback);
  const int error = uv_poll_init(loop, self->poll_, fd);
  if (error != 0) {
    delete self;
    Throw(env, "SPANLOOM_BPF_RING", "cannot wait for the ring buffer", error);
    return nullptr;
  }
  uv_handle_set_data(self->handle(), self);
  napi_add_async_cleanup_hook(env, OnEnvironmentEnd, self, &self->cleanup_);
  return self;
}

void Readable::Arm() { uv_poll_start(poll_, kUvReadable, OnReadable); }

void Readable::Close() {
  if (closing_) return;
  closing_ = true;
  uv_close(handle(), OnClosed);
}

void Readable::OnReadable(uv_poll_s* poll, int, int) {
  auto* self = static_cast<Readable*>(uv_handle_get_data(reinterpret_cast<uv_handle_s*>(poll)));
  uv_poll_stop(poll);
  Napi::HandleScope scope(self->env_);
  self->callback_.MakeCallback(self->env_.Global(), {}, self->context_);
}

void Readable::OnClosed(uv_handle_s* handle) {
  auto* self = static_cast<Readable*>(uv_handle_get_data(handle));
  napi_remove_async_cleanup_hook(self->cleanup_);
  Napi::HandleScope scope(self->env_);
  delete self;
}

void Readable::OnEnvironmentEnd(napi_async_cleanup_hook_handle, void* self) { static_cast<Readable*>(self)->Close(); }
