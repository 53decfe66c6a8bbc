#include "error.hpp"

#include <bpf/libbpf.h>

#include <cstdarg>
#include <cstdio>
#include <cstring>

namespace {

thread_local std::string log;

int Print(libbpf_print_level level, const char* format, va_list arguments) {
  if (level == LIBBPF_DEBUG) return 0;
  va_list again;
  va_copy(again, arguments);
  const int length = vsnprintf(nullptr, 0, format, again);
  va_end(again);
  if (length <= 0) return 0;
  const size_t end = log.size();
  log.resize(end + length + 1);
  vsnprintf(&log[end], length + 1, format, arguments);
  log.resize(end + length);
  return 0;
}

}  // namespace

void CaptureLog() { libbpf_set_print(Print); }

void ClearLog() { log.clear(); }

void Throw(Napi::Env env, const char* code, const std::string& message, int error) {
  if (error < 0) error = -error;
  Napi::Error thrown = Napi::Error::New(env, message + ": " + strerror(error));
  thrown.Set("code", Napi::String::New(env, code));
  thrown.Set("errno", Napi::Number::New(env, error));
  thrown.Set("log", Napi::String::New(env, log));
  log.clear();
  thrown.ThrowAsJavaScriptException();
}
