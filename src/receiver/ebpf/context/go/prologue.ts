/** Bytes at the start of a function that `checksStack` looks at. */
export const PROLOGUE_BYTES = 16;

/**
 * How Go functions that may need a larger stack begin: they compare the stack pointer with a bound in `g`
 * (cmd/internal/obj/x86/obj6.go and arm64/obj7.go, `stacksplit`). Before a probe goes in, this shows that the address is
 * what it was taken for: a probe in the middle of an instruction would break the program.
 */
const PROLOGUES: Partial<Record<NodeJS.Architecture, readonly (readonly number[])[]>> = {
  x64: [
    // CMPQ SP, 16(R14)
    [0x49, 0x3b, 0x66, 0x10],
    // CMPQ SP, 24(R14): on the system stack
    [0x49, 0x3b, 0x66, 0x18],
    // LEAQ -frame(SP), R12
    [0x4c, 0x8d, 0x64, 0x24],
    [0x4c, 0x8d, 0xa4, 0x24],
  ],
  // MOVD 16(g), R16
  arm64: [[0x90, 0x0b, 0x40, 0xf9]],
};

export function checksStack(code: Uint8Array, architecture: NodeJS.Architecture = process.arch): boolean {
  return (PROLOGUES[architecture] ?? []).some((bytes) => bytes.every((byte, i) => code[i] === byte));
}
