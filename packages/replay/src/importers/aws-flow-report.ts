// One line of a VPC flow log as a report (DOMAIN 4.6): what passed an interface one way in a window, or was rejected there.
// The tuple is that of `srcaddr` and `dstaddr`, in which an interface's primary address stands for its others.

import { endOfTime, hasPorts, noFlags, notCounted, type ReportedFlow, type ReportingSensor } from "@conntrail/engine";
import { canonicalJson } from "@conntrail/store";
import { type FieldBytes, readAddress } from "./address-field.js";
import type { LineFault } from "./aws-flow-fault.js";
import type { DetailField, FieldPlaces, FlowLogFormat } from "./aws-flow-format.js";
import { ByteTexts } from "./byte-texts.js";
import { type EpochUnit, epochUnitOf, microsOf } from "./epoch.js";
import type { LineFields } from "./line-fields.js";

const maxKeptTexts = 65_536;

export class FlowReportReader {
  /** Of the times, once a line has been read. */
  unit: EpochUnit = "seconds";
  readonly #interfaces = new ByteTexts(maxKeptTexts);
  readonly #resources = new ByteTexts(maxKeptTexts);
  readonly #details = new ByteTexts(maxKeptTexts);
  readonly #field: FieldBytes = { bytes: new Uint8Array(0), from: 0, to: 0 };

  /** Fills `report` again and again. */
  constructor(
    readonly format: FlowLogFormat,
    private readonly fields: LineFields,
    private readonly report: ReportedFlow,
  ) {}

  /** Makes the report of the fields' line; null: all is well. */
  read(): LineFault | null {
    const { count } = this.fields;
    const { names, at } = this.format;
    if (count !== names.length) return otherCount(count, names.length);
    const status = this.#status(at);
    if (typeof status !== "string") return status;
    const fault = this.#readWindow(at);
    if (fault !== null) return fault;
    this.report.kind = status;
    this.report.sensor = this.#sensor();
    this.report.detail = this.#detail();
    if (status !== "window") return this.#leaveEmpty();
    return this.#readTuple(at) ?? this.#readCounts(at) ?? this.#readMarks(at);
  }

  #status(at: FieldPlaces): "window" | "no-data" | "skipped" | LineFault {
    const index = at["log-status"];
    if (this.fields.isAbsent(index)) return this.fields.isAbsent(at.srcaddr) ? noStatus : "window";
    if (this.#is(index, words.ok)) return "window";
    if (this.#is(index, words.noData)) return "no-data";
    if (this.#is(index, words.skipData)) return "skipped";
    return this.#unknown("`log-status` is none of `OK`, `NODATA` and `SKIPDATA`", index);
  }

  #readWindow(at: FieldPlaces): LineFault | null {
    const start = this.#micros(at.start);
    const end = this.#micros(at.end);
    if (start === notANumber) return this.#malformed("`start` is no time", at.start);
    if (end === notANumber) return this.#malformed("`end` is no time", at.end);
    if (end < start) return this.#malformed("the window ends before it begins", at.end);
    this.report.time = start;
    this.report.lastTime = end;
    return null;
  }

  #micros(index: number): number {
    const written = this.#number(index, Number.MAX_SAFE_INTEGER);
    if (written === notANumber) return notANumber;
    this.unit = epochUnitOf(written);
    const micros = microsOf(written, this.unit);
    return micros <= endOfTime ? micros : notANumber;
  }

  #readTuple(at: FieldPlaces): LineFault | null {
    const { flow } = this.report;
    if (!this.#readAddress(at.srcaddr, 0)) return this.#malformed("`srcaddr` is no address", at.srcaddr);
    if (!this.#readAddress(at.dstaddr, 4)) return this.#malformed("`dstaddr` is no address", at.dstaddr);
    flow.protocol = this.#number(at.protocol, 255);
    if (flow.protocol === notANumber) return this.#malformed("`protocol` is no number up to 255", at.protocol);
    flow.sourcePort = this.#port(at.srcport);
    if (flow.sourcePort === notANumber) return this.#malformed("`srcport` is no port", at.srcport);
    flow.destinationPort = this.#port(at.dstport);
    return flow.destinationPort === notANumber ? this.#malformed("`dstport` is no port", at.dstport) : null;
  }

  /** Protocols without ports have 0, and it may be left out. */
  #port(index: number): number {
    const isLeftOut = !hasPorts(this.report.flow.protocol) && this.fields.isAbsent(index);
    return isLeftOut ? 0 : this.#number(index, 65_535);
  }

  #readCounts(at: FieldPlaces): LineFault | null {
    const { report } = this;
    report.packetsForward = this.#count(at.packets);
    if (report.packetsForward === notANumber) return this.#malformed("`packets` is no number", at.packets);
    report.bytesForward = this.#count(at.bytes);
    if (report.bytesForward === notANumber) return this.#malformed("`bytes` is no number", at.bytes);
    return null;
  }

  #count(index: number): number {
    return this.fields.isAbsent(index) ? notCounted : this.#number(index, Number.MAX_SAFE_INTEGER);
  }

  #readMarks(at: FieldPlaces): LineFault | null {
    return this.#readFlags(at["tcp-flags"]) ?? this.#readAction(at.action) ?? this.#readDirection(at["flow-direction"]);
  }

  #readFlags(index: number): LineFault | null {
    this.report.flags = this.fields.isAbsent(index) ? noFlags : this.#number(index, 255);
    return this.report.flags === notANumber ? this.#malformed("`tcp-flags` is no number up to 255", index) : null;
  }

  #readAction(index: number): LineFault | null {
    if (this.fields.isAbsent(index)) this.report.verdict = null;
    else if (this.#is(index, words.accept)) this.report.verdict = "allow";
    else if (this.#is(index, words.reject)) this.report.verdict = "deny";
    else return this.#unknown("`action` is neither `ACCEPT` nor `REJECT`", index);
    return null;
  }

  #readDirection(index: number): LineFault | null {
    if (this.fields.isAbsent(index)) this.report.direction = null;
    else if (this.#is(index, words.ingress)) this.report.direction = "inbound";
    else if (this.#is(index, words.egress)) this.report.direction = "outbound";
    else return this.#unknown("`flow-direction` is neither `ingress` nor `egress`", index);
    return null;
  }

  /** A window of which only itself is known. */
  #leaveEmpty(): null {
    const { report } = this;
    report.flow.words.fill(0);
    report.flow.protocol = 0;
    report.flow.sourcePort = 0;
    report.flow.destinationPort = 0;
    report.packetsForward = notCounted;
    report.bytesForward = notCounted;
    report.flags = noFlags;
    report.verdict = null;
    report.direction = null;
    return null;
  }

  #sensor(): string {
    const { fields } = this;
    const { at, resources } = this.format;
    const own = at["interface-id"];
    if (!fields.isAbsent(own)) return this.#named(this.#interfaces, own, (text) => ({ ...nobody, interface: text }));
    const index = resources.find((place) => !fields.isAbsent(place));
    if (index === undefined) return nobodyText;
    return this.#named(this.#resources, index, (text) => ({ ...nobody, resource: text }));
  }

  #named(texts: ByteTexts, index: number, sensorOf: (text: string) => ReportingSensor): string {
    const { fields } = this;
    texts.begin();
    texts.put(fields.view, fields.from[index]!, fields.to[index]!);
    return texts.text(() => canonicalJson(sensorOf(fields.text(index))));
  }

  #detail(): string {
    const { fields } = this;
    const texts = this.#details;
    texts.begin();
    for (const { first, last, address } of this.format.detailRuns) {
      if (this.#isAsInTuple(first, address)) texts.put(sameAddress, 0, sameAddress.byteLength);
      else texts.put(fields.view, fields.from[first]!, fields.to[last]!);
    }
    return texts.text(this.#makeDetail);
  }

  readonly #makeDetail = (): string => {
    const present = this.format.details.filter(({ place }) => !this.fields.isAbsent(place));
    if (present.length === 0) return "";
    const textOf = (field: DetailField) =>
      this.#isAsInTuple(field.place, field.address) ? asInTuple : this.fields.text(field.place);
    return canonicalJson(Object.fromEntries(present.map((field) => [field.name, textOf(field)])));
  };

  #isAsInTuple(place: number, address: number): boolean {
    if (address < 0 || this.fields.isAbsent(place)) return false;
    return address === place || this.fields.areEqual(place, address);
  }

  #readAddress(index: number, place: number): boolean {
    const { fields } = this;
    const field = this.#field;
    field.bytes = fields.bytes;
    field.from = fields.from[index]!;
    field.to = fields.to[index]!;
    return readAddress(field, this.report.flow.words, place);
  }

  #number(index: number, most: number): number {
    const { bytes, from, to } = this.fields;
    const [first, end] = [from[index]!, to[index]!];
    if (first === end || end - first > maxDigits) return notANumber;
    let value = 0;
    for (let at = first; at < end; at++) {
      const digit = bytes[at]! - zero;
      if (digit < 0 || digit > 9) return notANumber;
      value = value * 10 + digit;
    }
    return value <= most ? value : notANumber;
  }

  #is(index: number, word: Uint8Array): boolean {
    const { bytes, from, to } = this.fields;
    const first = from[index]!;
    if (to[index]! - first !== word.length) return false;
    for (let at = 0; at < word.length; at++) if (bytes[first + at] !== word[at]) return false;
    return true;
  }

  #malformed(reason: string, index: number): LineFault {
    if (this.fields.isAbsent(index)) return { kind: "missing-field", reason: `${reason}: it is missing`, text: null };
    return { kind: "malformed", reason, text: this.fields.text(index) };
  }

  #unknown(reason: string, index: number): LineFault {
    return { kind: "unknown-value", reason, text: this.fields.text(index) };
  }
}

const nobody: ReportingSensor = { kind: "aws-vpc", interface: null, mac: null, resource: null };
const nobodyText = canonicalJson(nobody);

function otherCount(count: number, expected: number): LineFault {
  const reason = "it has not as many fields as its format; give the format with --format where no header names it";
  return { kind: "malformed", reason, text: `${count} instead of ${expected}` };
}

const noStatus: LineFault = {
  kind: "missing-field",
  reason: "it has no addresses, and no `log-status` that says whether there was no traffic or it was not recorded",
  text: null,
};

/** An address that packets had, where it is that of the tuple: written out, each flow would have a detail of its own. */
const asInTuple = "=";
const sameAddress = new DataView(Uint8Array.of(0x3d).buffer);

const notANumber = -2;
const maxDigits = 16;
const zero = 0x30;

const encoder = new TextEncoder();
const words = {
  ok: encoder.encode("OK"),
  noData: encoder.encode("NODATA"),
  skipData: encoder.encode("SKIPDATA"),
  accept: encoder.encode("ACCEPT"),
  reject: encoder.encode("REJECT"),
  ingress: encoder.encode("ingress"),
  egress: encoder.encode("egress"),
};
