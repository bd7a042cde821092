/** One line of a document; amounts are minor units as text. */
export interface DocumentLine {
  readonly key: string;
  readonly description: string;
  readonly amount_minor: string;
}

/** A document as we want it. */
export interface WantedDocument {
  /** Our invoice's id: how a document is found again. */
  readonly reference: string;
  readonly payer: string;
  readonly currency: string;
  readonly lines: readonly DocumentLine[];
  readonly totalMinor: bigint;
}

/** A document as the system answers it (docs/providers.md). */
export interface SystemDocument {
  readonly id: string;
  readonly reference: string;
  readonly payer: string;
  readonly currency: string;
  readonly status: string;
  readonly number: string | null;
  readonly lines: readonly DocumentLine[];
  readonly total_minor: string;
  readonly created_at: string;
}

const TEXTS = ["id", "reference", "payer", "currency", "status", "total_minor", "created_at"];

/** Whether an answer is a document, whole enough to decide by. */
export function isDocument(answer: unknown): answer is SystemDocument {
  if (typeof answer !== "object" || answer === null) return false;
  const fields = answer as Readonly<Record<string, unknown>>;
  return (
    TEXTS.every((name) => typeof fields[name] === "string") &&
    /^-?\d+$/.test(String(fields.total_minor)) &&
    Array.isArray(fields.lines) &&
    fields.lines.every(
      (line) => typeof line?.key === "string" && /^-?\d+$/.test(String(line.amount_minor)),
    )
  );
}
