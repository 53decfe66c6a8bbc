/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Which processes are captured, and what runs in them: user space tells, children inherit, each task remembers. */
#pragma once

#include <bpf/bpf_helpers.h>

#include "runtimes.h"

/* Raised by user space after each change of the map below or of `runtimes`; makes tasks ask again. */
__u32 selection_generation;

/* Key: process (tgid). Value: always 1. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 65536);
	__type(key, __u32);
	__type(value, __u8);
} selected_processes SEC(".maps");

struct task_state {
	__u32 generation;
	__u32 selected;
	/* The send that is under way: its socket, begin, first sequence number, and whether it took more than one go. No
	 * socket means none. */
	__u64 send_socket;
	__u64 send_begin;
	__u32 send_seq;
	__u32 send_continued;
	/* enum runtime_kind of the process. */
	__u32 runtime;
	/* Wakes still to be reported since the last read on a connection it called out on; see completion_wake.h. */
	__u32 wakes_left;
	/* A context that this thread is about to make: by whom, and what is to run in it. No parent means none. */
	__u64 context_parent;
	__u64 context_origin;
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct task_state);
} task_states SEC(".maps");

static __always_inline bool process_selected(__u32 tgid)
{
	return bpf_map_lookup_elem(&selected_processes, &tgid) != NULL;
}

/* The state of a task of a selected process, or NULL. */
static __always_inline struct task_state *selected_task(struct task_struct *task)
{
	struct task_state *state =
		bpf_task_storage_get(&task_states, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	const __u32 generation = selection_generation;

	if (!state)
		return NULL;
	if (state->generation != generation) {
		state->selected = process_selected(task->tgid);
		state->runtime = runtime_kind(task->tgid);
		state->send_socket = 0;
		state->context_parent = 0;
		state->generation = generation;
	}
	return state->selected ? state : NULL;
}
