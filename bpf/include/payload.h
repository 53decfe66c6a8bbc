/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* How much of a message is copied, and the copying. */
#pragma once

#include <bpf/bpf_helpers.h>

enum {
	TAIL = 64,
	HEAD = 512,
	HTTP_HEAD = 4096,
	/* A message up to this length is copied whole. */
	SMALL_WHOLE = 192,
	WHOLE = HEAD + TAIL,
	HTTP_WHOLE = HTTP_HEAD + TAIL,
};

static __always_inline __u32 four(char a, char b, char c, char d)
{
	return (__u32)a | (__u32)b << 8 | (__u32)c << 16 | (__u32)d << 24;
}

/* Whether the first four bytes may begin an HTTP/1 request or response (RFC 9110 section 9, RFC 5789). */
static __always_inline bool begins_like_http(__u32 word)
{
	return word == four('H', 'T', 'T', 'P') || word == four('G', 'E', 'T', ' ') ||
	       word == four('P', 'O', 'S', 'T') || word == four('P', 'U', 'T', ' ') ||
	       word == four('H', 'E', 'A', 'D') || word == four('D', 'E', 'L', 'E') ||
	       word == four('P', 'A', 'T', 'C') || word == four('O', 'P', 'T', 'I') ||
	       word == four('C', 'O', 'N', 'N') || word == four('T', 'R', 'A', 'C');
}

static __always_inline bool user_begins_like_http(__u64 base, __u64 length)
{
	__u32 word = 0;

	return length >= sizeof(word) && !bpf_probe_read_user(&word, sizeof(word), (void *)base) &&
	       begins_like_http(word);
}

/*
 * Copies at most `capacity` bytes; the bound is spelled out for the verifier, on a register of its own: one that holds
 * a length of 32 bits may have anything in its upper half.
 */
static __always_inline bool copy_user(__u8 *to, __u32 length, __u32 capacity, __u64 from)
{
	__u64 bounded = length;

	asm volatile("" : "+r"(bounded));
	if (bounded > capacity)
		return false;
	return !bpf_probe_read_user(to, bounded, (void *)from);
}
