// Content that is often taken for evidence and is none: named, so that people know what they hold.

import { foreignKinds } from "./foreign-kinds.js";

const utf8 = new TextDecoder();

/** What it is and what to do; null where nothing is known of it. */
export function foreignContent(head: Uint8Array): string | null {
  if (head.length === 0) return "the file is empty";
  if (isUtf16(head)) return "not recognised: the text is UTF-16; save it as UTF-8";
  const text = utf8.decode(head).replace(/^[\s\uFEFF]+/, "");
  if (text === "") return "the file holds white space alone";
  const kind = foreignKinds.find(({ pattern }) => pattern.test(text));
  return kind?.message ?? categoryMessage(text);
}

/** Where one of them is not recognised, its file is damaged. */
const readCategories: ReadonlySet<string> = new Set([
  "NetworkSecurityGroupFlowEvent",
  "FlowLogFlowEvent",
  "Administrative",
]);

/** Diagnostic settings of Azure write many logs in one form, each with its category. */
function categoryMessage(text: string): string | null {
  const category = /^[[{][\s\S]*"resourceId"/i.test(text) ? /"category"\s*:\s*"([\w-]+)"/i.exec(text)?.[1] : undefined;
  if (category === undefined || readCategories.has(category)) return null;
  return `not recognised: this is a log of Azure of the category \`${category}\`, which conntrail does not read`;
}

/** By its mark, or by the zero that every other byte of text in Latin letters is. */
function isUtf16([first, second, third, fourth]: Uint8Array): boolean {
  const hasMark = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  const isLittle = first !== 0 && second === 0 && third !== 0 && fourth === 0;
  const isBig = first === 0 && second !== 0 && third === 0 && fourth !== 0;
  return hasMark || ((isLittle || isBig) && isPrintable(isLittle ? first : second));
}

function isPrintable(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x20 && byte < 0x7f;
}
