// What `conntrack` of Linux prints: events as they come (`-E`), or the list of what there is (`-L`), as text or as XML.

import { ConntrackReading } from "./conntrack-reading.js";
import { conntrackLine, looksLikeConntrack } from "./conntrack-text.js";
import { conntrackFlow } from "./conntrack-xml.js";
import type { Evidence, Imported, ReportContext, ReportImporter } from "./importer.js";
import { readTextLines, type TextLine, unendedLine } from "./text-lines.js";

export const conntrackEvents: ReportImporter = {
  format: "conntrack-events",
  title: "conntrack of Linux",
  recognise(head) {
    const text = headText(head);
    if (isXml(text)) return 0.95;
    return text.split(/\r?\n/, linesToLookAt).some(looksLikeConntrack) ? 0.9 : 0;
  },
  read: (evidence, context) =>
    isXml(headText(evidence.head)) ? readXml(evidence, context) : readText(evidence, context),
};

const recognitionBytes = 8192;
const linesToLookAt = 20;

function headText(head: Uint8Array): string {
  return new TextDecoder("latin1").decode(head.subarray(0, recognitionBytes));
}

function isXml(text: string): boolean {
  return /<conntrack>/.test(text) || /<flow(?: type="\w+")?>\s*<meta direction=/.test(text);
}

async function* readText(evidence: Evidence, context: ReportContext): AsyncIterable<Imported> {
  const reading = new ConntrackReading(context);
  let records = 0;
  let doubtful = false;
  for await (const lines of readTextLines(evidence.content())) {
    for (const line of lines) {
      const { number, offset, text, isEnded } = line;
      if (text.startsWith(lossMark)) yield lossAt(number);
      if (isIdle(text)) continue;
      records++;
      const entry = conntrackLine(text);
      if (!isEnded && (entry === null || entry.reply === null)) yield cutAt(line);
      else {
        doubtful = !isEnded;
        const full = reading.take(entry, { number, offset, text });
        if (full !== null) yield full;
      }
    }
  }
  if (doubtful) yield { kind: "note", message: unendedLine };
  yield* reading.finish(records);
}

/** Blank, or what conntrack says of itself. */
function isIdle(text: string): boolean {
  return text.trim() === "" || own.test(text);
}

const lossMark = "WARNING: We have hit ENOBUFS";
const own = /^(?:conntrack v|WARNING: |This message means that the current netlink |Please, check --buffer-size )/;

function lossAt(record: number): Imported {
  const message = "events were lost here, since they were not read in time: give `conntrack -E` more room with `-b`";
  return { kind: "problem", problem: { kind: "cut-off", record, message } };
}

function cutAt({ number }: Pick<TextLine, "number">): Imported {
  const message = "the file ends inside this record; copy it again if its source has the rest";
  return { kind: "cut", problem: { kind: "cut-off", record: number, message } };
}

/** One flow is far smaller; what is longer is no flow that ends. */
const maxFlowLetters = 1 << 16;
const flowEnd = "</flow>";

async function* readXml(evidence: Evidence, context: ReportContext): AsyncIterable<Imported> {
  const reading = new ConntrackReading(context);
  let [number, text, offset] = [0, "", 0];
  for await (const chunk of evidence.content()) {
    text += Buffer.from(chunk).toString("latin1");
    let from = 0;
    for (let end = text.indexOf(flowEnd); end >= 0; end = text.indexOf(flowEnd, from)) {
      const begin = flowBegin(text, from, end);
      for (const broken of flowsIn(text.slice(from, begin))) {
        reading.take(null, { number: ++number, offset: offset + from, text: broken });
      }
      const flow = text.slice(begin, end + flowEnd.length);
      const full = reading.take(conntrackFlow(flow), { number: ++number, offset: offset + begin, text: flow });
      if (full !== null) yield full;
      from = end + flowEnd.length;
    }
    from = Math.max(from, text.length - maxFlowLetters);
    text = text.slice(from);
    offset += from;
  }
  if (flowBegin(text, 0, text.length) < text.length) yield cutAt({ number: number + 1 });
  yield* reading.finish(number);
}

/** What begins as a flow and goes on up to the next. */
function flowsIn(text: string): readonly string[] {
  return text.split(/(?=<flow[ >])/).filter((part) => part.startsWith("<flow"));
}

/** The last beginning before an end: one that never ended stands before it. `to` where there is none. */
function flowBegin(text: string, from: number, to: number): number {
  const between = text.slice(from, to);
  const begin = Math.max(between.lastIndexOf("<flow>"), between.lastIndexOf("<flow "));
  return begin < 0 ? to : from + begin;
}
