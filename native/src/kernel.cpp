#include "kernel.hpp"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <limits>
#include <string>

#include "error.hpp"

namespace {

int64_t Nanoseconds(clockid_t clock) {
  timespec time;
  clock_gettime(clock, &time);
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

Napi::Value ClockOffset(const Napi::CallbackInfo& info) {
  int64_t offset = 0;
  int64_t shortest = std::numeric_limits<int64_t>::max();
  // The two clocks can not be read at once: of a few tries, the one with the shortest way between counts.
  for (int i = 0; i < 3; i++) {
    const int64_t before = Nanoseconds(CLOCK_MONOTONIC);
    const int64_t real = Nanoseconds(CLOCK_REALTIME);
    const int64_t after = Nanoseconds(CLOCK_MONOTONIC);
    if (after - before >= shortest) continue;
    shortest = after - before;
    offset = real - (before + (after - before) / 2);
  }
  return Napi::BigInt::New(info.Env(), offset);
}

Napi::Value FindTracepoints(const Napi::CallbackInfo& info) {
  auto names = info[0].As<Napi::Array>();
  ClearLog();
  btf* types = btf__load_vmlinux_btf();
  if (types == nullptr) {
    Throw(info.Env(), "SPANLOOM_BTF_MISSING", "cannot read the kernel's BTF", errno);
    return info.Env().Undefined();
  }
  auto found = Napi::Array::New(info.Env(), names.Length());
  for (uint32_t i = 0; i < names.Length(); i++) {
    const std::string name = names.Get(i).As<Napi::String>();
    const int id = btf__find_by_name_kind(types, ("btf_trace_" + name).c_str(), BTF_KIND_TYPEDEF);
    found.Set(i, Napi::Boolean::New(info.Env(), id > 0));
  }
  btf__free(types);
  return found;
}

Napi::Value TakesIterators(const Napi::CallbackInfo& info) {
  ClearLog();
  const int id = libbpf_find_vmlinux_btf_id("bpf_sk_storage_map", BPF_TRACE_ITER);
  if (id <= 0) return Napi::Boolean::New(info.Env(), false);
  // r0 = 0; exit
  const bpf_insn instructions[] = {{BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0}, {BPF_JMP | BPF_EXIT, 0, 0, 0, 0}};
  LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = BPF_TRACE_ITER, .attach_btf_id = uint32_t(id));
  const int fd = bpf_prog_load(BPF_PROG_TYPE_TRACING, "probe", "GPL", instructions, 2, &options);
  if (fd >= 0) close(fd);
  return Napi::Boolean::New(info.Env(), fd >= 0);
}

void EnableProgramStats(const Napi::CallbackInfo& info) {
  static int fd = -1;
  if (fd >= 0) return;
  fd = bpf_enable_stats(BPF_STATS_RUN_TIME);
  if (fd < 0) Throw(info.Env(), "SPANLOOM_BPF_STATS", "cannot make the kernel count program run time", fd);
}
