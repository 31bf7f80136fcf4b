/** Ends an exhaustive switch: the compiler refuses a union member that was forgotten. */
export function unreachable(value: never): never {
  throw new Error(`a case was forgotten: ${JSON.stringify(value)}`);
}
