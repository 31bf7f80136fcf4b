// How a command ends (DESIGN 8), and the one error that carries it to the top.

export const exitCode = {
  answer: 0,
  findings: 1,
  usage: 2,
  unknown: 3,
  integrity: 4,
  nothingUsable: 65,
  ourFault: 70,
  cannotWrite: 73,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** One line for the user, and the code to end with. */
export class CommandError extends Error {
  override readonly name = "CommandError";

  constructor(
    readonly code: ExitCode,
    message: string,
  ) {
    super(message);
  }
}

export function usage(message: string): CommandError {
  return new CommandError(exitCode.usage, message);
}
