#include "ring_buffer.hpp"

#include <cerrno>
#include <cstring>

#include "error.hpp"

Napi::Function RingBuffer::Define(Napi::Env env) {
  return DefineClass(env, "RingBuffer",
                     {
                         InstanceMethod<&RingBuffer::Drain>("drain"),
                         InstanceMethod<&RingBuffer::OnReadable>("onReadable"),
                         InstanceMethod<&RingBuffer::Arm>("arm"),
                         InstanceMethod<&RingBuffer::Close>("close"),
                     });
}

RingBuffer::RingBuffer(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<RingBuffer>(info),
      fd_(info[0].As<Napi::Number>().Int32Value()),
      largest_record_(info[1].As<Napi::Number>().Uint32Value()) {
  ClearLog();
  ring_ = ring_buffer__new(fd_, Copy, this, nullptr);
  if (ring_ == nullptr) Throw(info.Env(), "SPANLOOM_BPF_RING", "cannot map the ring buffer", errno);
}

RingBuffer::~RingBuffer() { Release(); }

// A record says in its first four bytes how much of it is in use. One that has been handed to this function is gone
// from the ring, so it stops while there is still room for the largest.
int RingBuffer::Copy(void* self, void* record, size_t) {
  auto* ring = static_cast<RingBuffer*>(self);
  uint32_t size;
  memcpy(&size, record, sizeof(size));
  memcpy(ring->into_ + ring->used_, record, size);
  ring->used_ += size;
  return ring->capacity_ - ring->used_ < ring->largest_record_ ? -ENOBUFS : 0;
}

Napi::Value RingBuffer::Drain(const Napi::CallbackInfo& info) {
  if (ring_ == nullptr) return Napi::Number::New(info.Env(), 0);
  auto into = info[0].As<Napi::Uint8Array>();
  into_ = into.Data();
  capacity_ = into.ByteLength();
  used_ = 0;
  ring_buffer__consume(ring_);
  return Napi::Number::New(info.Env(), used_);
}

void RingBuffer::OnReadable(const Napi::CallbackInfo& info) {
  readable_ = Readable::Create(info.Env(), fd_, info[0].As<Napi::Function>());
}

void RingBuffer::Arm(const Napi::CallbackInfo&) {
  if (readable_ != nullptr) readable_->Arm();
}

void RingBuffer::Close(const Napi::CallbackInfo&) { Release(); }

void RingBuffer::Release() {
  if (readable_ != nullptr) readable_->Close();
  readable_ = nullptr;
  ring_buffer__free(ring_);
  ring_ = nullptr;
}
