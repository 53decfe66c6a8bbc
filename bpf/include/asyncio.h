/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The contextvars context that a thread of CPython runs in, and which context is made from which. Every asyncio task and
 * callback runs in a context of its own, copied from that of whoever made it (PEP 567).
 */
#pragma once

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "context_record.h"
#include "selection.h"

/* Parameters of RUNTIME_PYTHON. */
enum python_parameter {
	/* Address of `_PyRuntime.…autoTSSkey`: the key of the thread-specific value that is the thread's PyThreadState. */
	PYTHON_KEY = 0,
	/* Offset of `context` in PyThreadState. */
	PYTHON_CONTEXT = 1,
	/* Address of PyContext_Type. */
	PYTHON_CONTEXT_TYPE = 2,
};

/* Py_tss_t (Include/pythread.h) */
struct python_tss {
	__u32 initialised;
	__u32 key;
};

/* PyObject, of a build with the GIL and without reference tracing (Include/object.h). */
struct python_object {
	__u64 references;
	__u64 type;
};

/*
 * glibc keeps the values of the first 32 keys in the thread's own block (nptl/descr.h: struct pthread, specific_1stblock
 * of pairs of a sequence number and the value). On x86-64 the thread pointer points at that block.
 */
#define GLIBC_FIRST_KEYS 32
#define GLIBC_SPECIFIC 0x310
#define GLIBC_SPECIFIC_BYTES 16
#define GLIBC_SPECIFIC_VALUE 8

/* 0 where a place holds anything but what is expected there: then this build of CPython or of libc is another one. */
static __always_inline __u64 python_context(struct task_struct *task)
{
#if defined(__TARGET_ARCH_x86)
	const __u32 tgid = task->tgid;
	const struct runtime *runtime = bpf_map_lookup_elem(&runtimes, &tgid);
	__u64 thread_state = 0, context = 0;
	struct python_object object;
	struct python_tss tss;
	__u64 slot;

	if (!runtime || (task->flags & (PF_KTHREAD | PF_IO_WORKER | PF_USER_WORKER)))
		return 0;
	if (bpf_probe_read_user(&tss, sizeof(tss), (void *)runtime->parameters[PYTHON_KEY]) || tss.initialised != 1 ||
	    tss.key >= GLIBC_FIRST_KEYS)
		return 0;
	slot = task->thread.fsbase + GLIBC_SPECIFIC + tss.key * GLIBC_SPECIFIC_BYTES + GLIBC_SPECIFIC_VALUE;
	if (bpf_probe_read_user(&thread_state, sizeof(thread_state), (void *)slot) || !thread_state ||
	    bpf_probe_read_user(&context, sizeof(context),
				(void *)(thread_state + runtime->parameters[PYTHON_CONTEXT])) ||
	    !context || bpf_probe_read_user(&object, sizeof(object), (void *)context))
		return 0;
	return object.type == runtime->parameters[PYTHON_CONTEXT_TYPE] ? context : 0;
#else
	return 0;
#endif
}

/* PyObject *PyContext_CopyCurrent(void), on its return: the new context is its result. */
SEC("uprobe")
int python_context_copied(struct pt_regs *regs)
{
#if defined(__TARGET_ARCH_x86)
	struct task_struct *task = bpf_get_current_task_btf();
	const struct task_state *state = selected_task(task);
	const __u64 copy = regs->ax;

	if (state && state->runtime == RUNTIME_PYTHON && copy)
		emit_context(task, CONTEXT_BEGUN, copy, python_context(task), 0);
#endif
	return 0;
}
