// What a command talks to: standard output for data, standard error for all else.

import { once } from "node:events";
import { plainText } from "../render/plain-text.js";
import { type Style, styleFor } from "../render/style.js";

export type OutputFormat = "table" | "json" | "ndjson";

export type Terminal = {
  readonly style: Style;
  /** Columns of standard output; null where it is no terminal. */
  readonly width: number | null;
  /** Progress bars and the like are for terminals only. */
  readonly showsProgress: boolean;
  /** Waits where the reader is slower than we are. */
  out(text: string): Promise<void>;
  /** One line. */
  tell(message: string): void;
};

export function processTerminal(): Terminal {
  const { stdout, stderr, env } = process;
  return {
    style: styleFor(stdout.isTTY === true, env),
    width: stdout.isTTY === true ? stdout.columns : null,
    showsProgress: stderr.isTTY === true && env.TERM !== "dumb",
    async out(text) {
      if (!stdout.write(text)) await once(stdout, "drain");
    },
    tell: (message) => void stderr.write(`${plainText(message)}\n`),
  };
}

const itemsAtOnce = 1000;

/** A list of any length, written as it is read: as pieces of text, as one JSON array, or its items one a line. */
export async function printList(
  terminal: Terminal,
  format: OutputFormat,
  list: { text(): Iterable<string>; items(): Iterable<unknown> },
): Promise<void> {
  if (format === "table") {
    for (const part of list.text()) await terminal.out(`${part}\n`);
    return;
  }
  const isJson = format === "json";
  const itemText = (item: unknown) =>
    isJson ? JSON.stringify(item, null, 2).replace(/^/gm, "  ") : `${JSON.stringify(item)}\n`;
  let written = 0;
  let texts: string[] = [];
  const flush = async () => {
    const begun = isJson ? (written === 0 ? "[\n" : ",\n") : "";
    if (texts.length > 0) await terminal.out(begun + texts.join(isJson ? ",\n" : ""));
    written += texts.length;
    texts = [];
  };
  for (const item of list.items()) if (texts.push(itemText(item)) === itemsAtOnce) await flush();
  await flush();
  if (isJson) await terminal.out(written === 0 ? "[]\n" : "\n]\n");
}

/** One answer: as text for people, as one JSON value, or its items one a line. */
export async function printAnswer(
  terminal: Terminal,
  format: OutputFormat,
  answer: { text(): string; data(): unknown; items?(): readonly unknown[] },
): Promise<void> {
  if (format === "table") return terminal.out(`${answer.text()}\n`);
  if (format === "json") return terminal.out(`${JSON.stringify(answer.data(), null, 2)}\n`);
  const items = answer.items?.() ?? [answer.data()];
  return terminal.out(items.map((item) => `${JSON.stringify(item)}\n`).join(""));
}
