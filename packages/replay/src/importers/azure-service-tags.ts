// Service tags of Azure: the weekly file (`ServiceTags_Public_20240722.json`), `az network list-service-tags`, and the
// discovery API's answer as test recorders keep it (DOMAIN 6). One dated list for each tag.

import { type Micros, parseInstant, parsePrefix } from "@conntrail/engine";
import { type EvidenceRecord, eventOf, type JsonFormat, problemOf, readJsonEvidence } from "./evidence-record.js";
import type { Imported, Importer } from "./importer.js";
import {
  asEmbedded,
  asObject,
  asText,
  field,
  type JsonObject,
  objectsOf,
  propertiesOf,
  textsOf,
} from "./json-field.js";
import { jsonHead } from "./json-head.js";

export const azureServiceTags: Importer = {
  format: "azure-service-tags",
  title: "Azure service tags",
  recognise(head) {
    const publications = jsonHead(head).flatMap((value) => publicationsIn(asObject(value), null));
    const tags = publications.flatMap(({ document }) => objectsOf(document.values));
    return tags.some((tag) => Array.isArray(field(propertiesOf(tag), "addressPrefixes"))) ? 0.95 : 0;
  },
  read: (evidence, context) => readJsonEvidence(evidence, context, tagsFormat(evidence.name)),
};

function tagsFormat(fileName: string): JsonFormat {
  const fileDate = dateInName(fileName);
  return {
    unfold: (document) => publicationsIn(asObject(document), fileDate).flatMap(tagsOf),
    read: readTag,
    finish: () => [],
  };
}

/** The weekly file is named by its day. */
function dateInName(fileName: string): Micros | null {
  const date = /ServiceTags_\w+?_(\d{4})(\d\d)(\d\d)/i.exec(fileName);
  return date === null ? null : (parseInstant(`${date[1]}-${date[2]}-${date[3]}T00:00:00Z`)?.time ?? null);
}

/** `published` null: the evidence does not say. */
type Publication = { readonly document: JsonObject; readonly published: Micros | null };

/** The document itself, or the answers in a recording of calls, each with the date of its answer. */
function publicationsIn(document: JsonObject | null, fileDate: Micros | null): Publication[] {
  if (document === null) return [];
  if (Array.isArray(document.values)) return [{ document, published: fileDate }];
  return objectsOf(field(document, "interactions")).flatMap((interaction) => {
    const response = asObject(field(interaction, "response"));
    const body = asObject(field(response, "body"));
    const answer = asEmbedded(field(body, "data", "string"));
    return answer === null ? [] : publicationsIn(answer, fileDate ?? headerDate(response));
  });
}

function headerDate(response: JsonObject | null): Micros | null {
  const [date] = textsOf(field(asObject(field(response, "headers")), "date"));
  const millis = Date.parse(date ?? "");
  return Number.isNaN(millis) ? null : ((millis * 1000) as Micros);
}

function tagsOf({ document, published }: Publication): unknown[] {
  const edition = asText(field(document, "changeNumber"));
  return (document.values as unknown[]).map((tag) => (asObject(tag) === null ? tag : { tag, edition, published }));
}

function* readTag(record: EvidenceRecord): Iterable<Imported> {
  const { edition, published } = record.value as { edition: string | null; published: Micros | null };
  const tag = asObject(record.value.tag);
  const list = asText(field(tag, "name", "id"));
  const listed = field(propertiesOf(tag ?? {}), "addressPrefixes");
  if (list === null || !Array.isArray(listed)) {
    return yield problemOf(record, "missing-field", `tag \`${list ?? ""}\` has no \`name\` or no \`addressPrefixes\``);
  }
  const prefixes = [...new Set(textsOf(listed))].sort();
  const wrong = prefixes.filter((prefix) => parsePrefix(prefix) === null);
  if (wrong.length > 0)
    yield problemOf(record, "malformed", `tag \`${list}\`: \`${wrong[0]}\` is no address or prefix`);
  const instant = published === null ? record.context.taken.instant : "stated";
  const time = published ?? record.context.taken.time;
  const data = { list, prefixes, edition, instant } as const;
  yield eventOf(record, { type: "address-list-seen", data }, { time, actor: null });
}
