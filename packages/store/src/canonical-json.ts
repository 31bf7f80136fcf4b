// One text for one value: RFC 8785. Hashes and ids are made of it, so it must never depend on the order of keys.

import canonicalize from "canonicalize";

/** RFC 8785. Members that are undefined are left out. Throws on NaN, infinities and cycles. */
export function canonicalJson(value: object): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError("this value has no JSON form: pass plain objects and arrays");
  return text;
}
