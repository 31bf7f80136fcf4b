// Which EC2 instance types are built on Nitro v6, where the idle timeout of established TCP connections is 350 s and not
// five days (DOMAIN 2.5 [W6]). From the platform summaries of Amazon's pages on instance types, 2026.

const nitroV6Families: ReadonlySet<string> = new Set(
  [
    "c8a c8gb c8gn c8i c8i-flex c8id c8in",
    "m8a m8azn m8gb m8gn m8i m8i-flex m8id",
    "r8a r8gb r8gn r8i r8i-flex r8id r8in",
    "hpc8a i8ge p6-b200",
  ].flatMap((line) => line.split(" ")),
);

/** Graviton 4 without more network came before, and the P6e-GB200 is built on Nitro v5. */
const olderFamilies: ReadonlySet<string> = new Set("c8g c8gd i8g m8g m8gd p6e-gb200 r8g r8gd".split(" "));

/** No family of these generations has it. */
const olderGenerations = /^(?:t[1-4]|a1|[cmr][1-7]|i[2-7]|d[23]|h1|g[2-5]|p[2-5]|x[12]|z1)[a-z]*(?:-flex)?$/;

/** `m8i.large`. Null: not known of this family. */
export function isNitroV6(instanceType: string): boolean | null {
  const family = instanceType.toLowerCase().split(".")[0]!;
  if (nitroV6Families.has(family)) return true;
  return olderFamilies.has(family) || olderGenerations.test(family) ? false : null;
}
