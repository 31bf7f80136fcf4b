// Text of the evidence is somebody else's: what would steer a terminal or turn the line is shown as an escape.

const steering = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;

/** The text with control and direction characters as `\\u{1b}`. */
export function plainText(text: string): string {
  return text.replace(steering, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}
