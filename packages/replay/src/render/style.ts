// Colours, which only repeat what the words say. None where output is no terminal, or NO_COLOR is set.

import pc from "picocolors";

export type Style = {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly doubtful: (text: string) => string;
};

export function styleFor(terminal: boolean, environment: NodeJS.ProcessEnv): Style {
  const colored = terminal && (environment.NO_COLOR ?? "") === "" && environment.TERM !== "dumb";
  const { bold, dim, green, red, yellow } = pc.createColors(colored);
  return { bold, dim, good: green, bad: red, doubtful: yellow };
}
