/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* In which processes a runtime of its own decides what runs on a thread, and what it takes to look into it. */
#pragma once

#include <bpf/bpf_helpers.h>

enum runtime_kind {
	RUNTIME_NONE = 0,
	RUNTIME_GO = 1,
	RUNTIME_PYTHON = 2,
};

struct runtime {
	__u32 kind;
	__u8 padding[4];
	/* What they mean is up to the kind. */
	__u64 parameters[4];
};

/* Key: process (tgid). User space enters those whose runtime it knows. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 65536);
	__type(key, __u32);
	__type(value, struct runtime);
} runtimes SEC(".maps");

static __always_inline __u32 runtime_kind(__u32 tgid)
{
	const struct runtime *runtime = bpf_map_lookup_elem(&runtimes, &tgid);

	return runtime ? runtime->kind : RUNTIME_NONE;
}

static __always_inline void forget_runtime(__u32 tgid)
{
	bpf_map_delete_elem(&runtimes, &tgid);
}

/* A child is a copy of its parent. */
static __always_inline void inherit_runtime(__u32 parent, __u32 child)
{
	const struct runtime *runtime = bpf_map_lookup_elem(&runtimes, &parent);

	if (runtime)
		bpf_map_update_elem(&runtimes, &child, runtime, BPF_ANY);
}
