/** Where CPython keeps what tells the running context: offsets that only its source says, equal within a minor version. */
export interface Layout {
  /** Of `autoTSSkey` in `_PyRuntime` (Include/internal/pycore_runtime.h). */
  readonly key: number;
  /** Of `context` in `PyThreadState` (Include/cpython/pystate.h). */
  readonly context: number;
}

/** Taken from the headers of 3.9.2, 3.11.2, 3.13.5 and 3.14.10, on x86-64. */
export const LAYOUTS: ReadonlyMap<string, Layout> = new Map([
  ['3.9', { key: 584, context: 240 }],
  ['3.11', { key: 592, context: 224 }],
  ['3.13', { key: 2160, context: 208 }],
  ['3.14', { key: 2336, context: 208 }],
]);

/** `3.11` in the name of an interpreter or of its library; free-threaded (`t`) and debug (`d`) builds are others. */
export function versionIn(path: string): string | undefined {
  return /\/(?:lib)?python(3\.\d+[td]*)(?:\.so[\d.]*)?$/.exec(path)?.[1];
}
