#pragma once

#include <bpf/libbpf.h>
#include <napi.h>

#include "readable.hpp"

// Takes records out of a BPF ring buffer, many at a time.
class RingBuffer : public Napi::ObjectWrap<RingBuffer> {
 public:
  static Napi::Function Define(Napi::Env env);
  // `info[0]` is the map's descriptor, `info[1]` the size of the largest record.
  explicit RingBuffer(const Napi::CallbackInfo& info);
  ~RingBuffer() override;

 private:
  Napi::Value Drain(const Napi::CallbackInfo& info);
  void OnReadable(const Napi::CallbackInfo& info);
  void Arm(const Napi::CallbackInfo& info);
  void Close(const Napi::CallbackInfo& info);
  void Release();
  static int Copy(void* self, void* record, size_t size);

  int fd_;
  size_t largest_record_;
  ring_buffer* ring_ = nullptr;
  Readable* readable_ = nullptr;
  uint8_t* into_ = nullptr;
  size_t used_ = 0;
  size_t capacity_ = 0;
};
