/** Why an expression cannot be used, or has no value. The message is for the one who wrote it. */
export class ExpressionError extends Error {
  override readonly name = "ExpressionError";
  /** Where in the text, counted from 0; undefined when it lies with the values. */
  readonly position: number | undefined;
  constructor(message: string, position?: number, cause?: unknown) {
    super(message, { cause });
    this.position = position;
  }
}
