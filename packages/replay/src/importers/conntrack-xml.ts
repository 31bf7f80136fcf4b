// One `<flow>` of `conntrack -o xml`. Of ICMP it has neither type nor identifier; its time is the machine's own calendar,
// in whole seconds and without a zone.

import type { ConntrackEntry, ConntrackEvent, ConntrackTuple } from "./conntrack-entry.js";
import { numberOr } from "./conntrack-text.js";

type Element = { readonly attributes: string; readonly text: string; readonly children: Map<string, Element> };

const events: ReadonlySet<string> = new Set(["new", "update", "destroy"]);

/** Null where it is none. */
export function conntrackFlow(xml: string): ConntrackEntry | null {
  const flow = elementOf(xml);
  const original = flow?.children.get("meta original");
  if (flow === undefined || original === undefined) return null;
  const type = attribute(flow, "type");
  const event = type !== null && events.has(type) ? (type as ConntrackEvent) : null;
  const protocol = attribute(original.children.get("layer4"), "protonum");
  if (protocol === null || (type !== null && event === null)) return null;
  const reply = flow.children.get("meta reply");
  const independent = flow.children.get("meta independent");
  const exact = kernelTime(independent, event);
  const calendar = calendarTime(flow.children.get("when"));
  return {
    event,
    time: exact ?? calendar,
    calendar: exact === null && calendar !== null,
    protocol: Number(protocol),
    original: tupleOf(original),
    reply: reply === undefined ? null : tupleOf(reply),
    rest: independent === undefined ? {} : restOf(independent),
  };
}

const tag = /<(\/?)([\w-]+)([^>]*?)(\/?)>([^<]*)/g;

function elementOf(xml: string): Element | undefined {
  const root: Element = { attributes: "", text: "", children: new Map() };
  const open: Element[] = [root];
  for (const [, closing, name, attributes, empty, text] of xml.matchAll(tag)) {
    if (closing === "/") open.pop();
    else {
      const element = { attributes: attributes!, text: unescaped(text!.trim()), children: new Map() };
      const direction = /direction="(\w+)"/.exec(attributes!)?.[1];
      open.at(-1)?.children.set(direction === undefined ? name! : `${name} ${direction}`, element);
      if (empty === "") open.push(element);
    }
  }
  return root.children.get("flow");
}

const entities: ReadonlyMap<string, string> = new Map([
  ["lt", "<"],
  ["gt", ">"],
  ["amp", "&"],
  ["quot", '"'],
  ["apos", "'"],
]);

function unescaped(text: string): string {
  return text.replace(/&(\w+);/g, (whole, name) => entities.get(name) ?? whole);
}

function attribute(element: Element | undefined, name: string): string | null {
  return new RegExp(`\\b${name}="([^"]*)"`).exec(element?.attributes ?? "")?.[1] ?? null;
}

function tupleOf({ children }: Element): ConntrackTuple {
  const tuple: Record<string, string> = {};
  for (const part of ["layer3", "layer4", "counters"]) {
    for (const [name, { text }] of children.get(part)?.children ?? []) tuple[name] = text;
  }
  return tuple;
}

/** What comes as an element without a text is a flag. */
function restOf({ children }: Element): ConntrackEntry["rest"] {
  const rest: Record<string, string | number | boolean> = {};
  for (const [name, { text, children: inner }] of children) {
    if (inner.size === 0) rest[name] = text === "" ? true : numberOr(text);
    for (const [innerName, { text: innerText }] of inner) rest[innerName] = numberOr(innerText);
  }
  return rest;
}

/** Nanoseconds since 1970, with ktimestamp: when the connection began, and when it was over. */
function kernelTime(independent: Element | undefined, event: ConntrackEvent | null): number | null {
  const stamps = independent?.children.get("timestamp")?.children;
  const text =
    event === "destroy" ? stamps?.get("stop")?.text : event === "new" ? stamps?.get("start")?.text : undefined;
  return text !== undefined && /^\d+$/.test(text) ? Number(BigInt(text) / 1000n) : null;
}

function calendarTime(when: Element | undefined): number | null {
  const part = (name: string) => Number(when?.children.get(name)?.text ?? Number.NaN);
  const millis = Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("min"), part("sec"));
  return Number.isNaN(millis) ? null : millis * 1000;
}
