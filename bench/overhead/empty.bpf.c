// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Does nothing: what the kernel's own count says of it is the cost of counting. */
#include "kernel_types.h"

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("tp_btf/sock_send_length")
int empty(void *context)
{
	return 0;
}
