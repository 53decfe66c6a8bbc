const MAX_PORT = 65535;

/** Ports and ranges of ports, both ends included. */
export type PortList = readonly (readonly [low: number, high: number])[];

/**
 * `"80,8000-8100"`: ports and ranges, joined by commas; a number is one port.
 *
 * @throws {RangeError} says which entry is wrong and what was expected
 */
export function parsePortList(value: string | number): PortList {
  return String(value)
    .split(',')
    .map((entry, index) => {
      const match = /^\s*(\d+)\s*(?:-\s*(\d+)\s*)?$/.exec(entry);
      const where = `entry ${index + 1} (${JSON.stringify(entry.trim())}) of ${JSON.stringify(String(value))}`;
      if (!match) throw new RangeError(`${where} is neither a port like "80" nor a range like "8000-8100"`);
      const low = Number(match[1]);
      const high = Number(match[2] ?? match[1]);
      if (low < 1 || high > MAX_PORT || low > MAX_PORT)
        throw new RangeError(`${where} is outside of the ports 1 to ${MAX_PORT}`);
      if (low > high) throw new RangeError(`${where} ends before it begins: write the lower port first`);
      return [low, high] as const;
    });
}

export function includesPort(list: PortList, port: number): boolean {
  return list.some(([low, high]) => low <= port && port <= high);
}
