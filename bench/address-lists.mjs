// A seeded list of service tags shaped like Azure's public one of 2026 (DOMAIN 6: 2,967 tags, 90,493 prefixes): a few
// very large tags, many small ones, prefixes crowded into a few blocks, mostly IPv4 /24 to /32, a tenth IPv6.

import { below, pick } from "./random.mjs";

const firstOctets = [4, 13, 20, 20, 20, 23, 40, 40, 51, 52, 52, 65, 70, 74, 102, 104, 137, 138, 157, 168, 172, 191];

/** Prefixes as text by the name of the tag. */
export function serviceTags(random, { tags, prefixes }) {
  const lists = new Map();
  let left = prefixes;
  for (let tag = 0; tag < tags; tag++) {
    const share = Math.min(left - (tags - tag - 1), sizeOf(random, tag, prefixes / tags));
    lists.set(
      `Service${tag}`,
      Array.from({ length: tag === tags - 1 ? left : share }, () => prefixText(random)),
    );
    left -= share;
  }
  return lists;
}

/** The first is large; the others vary a hundredfold, so that about a fifth of all prefixes is left for the last one. */
function sizeOf(random, tag, mean) {
  return tag === 0 ? Math.floor(mean * 100) : Math.max(1, Math.floor(mean * 10 ** (random() * 2 - 1.45)));
}

export function prefixText(random) {
  return random() < 0.1 ? v6Text(random) : v4Text(random);
}

function v4Text(random) {
  const length = random() < 0.05 ? 16 + below(random, 8) : 24 + below(random, 9);
  return `${pick(random, firstOctets)}.${below(random, 256)}.${below(random, 256)}.${below(random, 256)}/${length}`;
}

function v6Text(random) {
  const region = (0x1000 + below(random, 96)).toString(16);
  const part = () => below(random, 0x1000).toString(16);
  return `2603:${region}:${part()}:${part()}::/${pick(random, [40, 48, 56, 58, 64])}`;
}
