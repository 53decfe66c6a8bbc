/** 97.5 % of a normal distribution lie below. */
const Z = 1.959964;

/** The 95 % interval of a share of which `right` of `all` were seen (Wilson's score interval). `all` is not 0. */
export function wilson(right: number, all: number): { readonly lower: number; readonly upper: number } {
  const share = right / all;
  const spread = Z * Math.sqrt((share * (1 - share)) / all + (Z * Z) / (4 * all * all));
  const centre = share + (Z * Z) / (2 * all);
  const scale = 1 + (Z * Z) / all;
  return { lower: (centre - spread) / scale, upper: (centre + spread) / scale };
}
