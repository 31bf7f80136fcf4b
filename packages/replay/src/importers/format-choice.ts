// The format as a user names it, in place of recognition: an importer's, or the fields of a VPC flow log in their order,
// since its lines do not say what they hold (DOMAIN 4.6).

import { allImporters } from "./all-importers.js";
import type { Importer } from "./importer.js";

export type FormatChoice = {
  readonly importer: Importer;
  /** As in `ImportContext`. */
  readonly fields: readonly string[] | null;
};

const formatOfFields = "aws-vpc-flow-log";

/** `pcap`, `${version} ${account-id} …` or `version account-id …`; null where it is none of them. */
export function parseFormat(text: string): FormatChoice | null {
  const words = text.trim().split(/\s+/);
  const fields = words.length < 2 ? null : words.map((word) => word.replace(/^\$\{(.*)\}$/, "$1"));
  const importer = allImporters.find(({ format }) => format === (fields === null ? words[0] : formatOfFields));
  return importer === undefined ? null : { importer, fields };
}
