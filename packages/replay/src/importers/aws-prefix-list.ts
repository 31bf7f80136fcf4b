// AWS prefix lists: `describe-managed-prefix-lists` names them, `get-managed-prefix-list-entries` shows what one holds and
// does not say which, `describe-prefix-lists` does both for Amazon's own.

import { type EvidenceRecord, eventOf, noteOf, problemOf } from "./evidence-record.js";
import type { Imported } from "./importer.js";
import { asText, field, objectsOf, textsOf } from "./json-field.js";

export function* readPrefixList(record: EvidenceRecord): Iterable<Imported> {
  const list = asText(field(record.value, "PrefixListId"));
  if (list === null) return yield problemOf(record, "missing-field", "the prefix list has no `PrefixListId`");
  const entries = objectsOf(field(record.value, "Entries")).map((entry) => asText(field(entry, "Cidr")));
  const prefixes = [...textsOf(field(record.value, "Cidrs")), ...entries.filter((prefix) => prefix !== null)];
  if (prefixes.length === 0) {
    return yield noteOf(
      `prefix list \`${list}\` comes without entries: save \`aws ec2 get-managed-prefix-list-entries\` as \`${list}.json\``,
    );
  }
  yield listSeen(record, { list, prefixes, edition: asText(field(record.value, "Version")) });
}

/** All entries of a file together; the file's name says of which list. */
export function* readPrefixListEntries(records: readonly EvidenceRecord[], fileName: string): Iterable<Imported> {
  const list = /pl-[0-9a-f]{8,}/.exec(fileName)?.[0] ?? null;
  const [first] = records;
  if (first === undefined) return;
  if (list === null) {
    return yield problemOf(
      first,
      "missing-field",
      "entries don't say of which prefix list they are: name the file after it, `pl-….json`",
    );
  }
  const prefixes = records.map(({ value }) => asText(field(value, "Cidr"))).filter((prefix) => prefix !== null);
  yield listSeen(first, { list, prefixes, edition: null });
}

type Shown = { readonly list: string; readonly prefixes: readonly string[]; readonly edition: string | null };

function listSeen(record: EvidenceRecord, shown: Shown): Imported {
  const prefixes = [...new Set(shown.prefixes)].sort();
  const { instant } = record.context.taken;
  return eventOf(record, { type: "address-list-seen", data: { ...shown, prefixes, instant } });
}
