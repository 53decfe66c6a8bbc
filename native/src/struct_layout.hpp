#pragma once

#include <bpf/btf.h>
#include <napi.h>

#include <string>

// {size, fields: {"task.pid": {offset, size}, …}} in bytes; undefined where no such struct is in `types`.
Napi::Value DescribeStruct(Napi::Env env, const btf* types, const std::string& name);
