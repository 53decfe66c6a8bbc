/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What a runtime is running on a thread during a system call. */
#pragma once

#include "asyncio.h"
#include "goroutine.h"
#include "selection.h"

/* 0 where the process has no such runtime, or what it runs can not be told. */
static __always_inline __u64 calling_context(struct task_struct *task, const struct task_state *state)
{
	switch (state->runtime) {
	case RUNTIME_GO:
		return calling_goroutine(task);
	case RUNTIME_PYTHON:
		return python_context(task);
	default:
		return 0;
	}
}

/* The same of a call that sends: what it sends may be another context's. */
static __always_inline __u64 sending_context(struct task_struct *task, const struct task_state *state)
{
	switch (state->runtime) {
	case RUNTIME_GO:
		return asking_goroutine(task, calling_goroutine(task));
	case RUNTIME_PYTHON:
		return python_context(task);
	default:
		return 0;
	}
}
