/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once

#include <bpf/bpf_helpers.h>

/* Every record for user space. The loader sets the size. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 24);
} ring SEC(".maps");

/* Records that found the ring full, by CPU. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} lost SEC(".maps");

static __always_inline void count_lost(void)
{
	const __u32 zero = 0;
	__u64 *count = bpf_map_lookup_elem(&lost, &zero);

	if (count)
		(*count)++;
}

static __always_inline void *reserve(__u64 size)
{
	void *record = bpf_ringbuf_reserve(&ring, size, 0);

	if (!record)
		count_lost();
	return record;
}

/*
 * Without flags the kernel wakes the reader only for the first record after the reader caught up. The reader then
 * sleeps before it drains, so that a busy ring costs a wake-up a drain, not one a record.
 */
static __always_inline void submit(void *record)
{
	bpf_ringbuf_submit(record, 0);
}
