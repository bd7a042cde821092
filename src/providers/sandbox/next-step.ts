import type { ExternalState, ProviderRequest, Step } from "../delivery-step.ts";
import type { DocumentLine, SystemDocument, WantedDocument } from "./document.ts";

export type SandboxObserved =
  | { readonly state: "none" }
  | { readonly state: "deleted"; readonly externalId: string }
  | { readonly state: "found"; readonly document: SystemDocument };

export const CREATE_PATH = "/documents";
const BATCH = 100;

export const toCreate = ({ reference, payer, currency }: WantedDocument): ProviderRequest => ({
  method: "POST",
  path: CREATE_PATH,
  params: { reference, payer, currency },
});

export const toAddLines = (id: string, lines: readonly DocumentLine[]): ProviderRequest => ({
  method: "POST",
  path: `${CREATE_PATH}/${id}/lines`,
  params: { lines },
});

export const toFinalize = (id: string): ProviderRequest => ({
  method: "POST",
  path: `${CREATE_PATH}/${id}/finalize`,
  params: {},
});

/** Cuts lines into the batches in which they are sent. */
export const toBatches = (lines: readonly DocumentLine[]): DocumentLine[][] =>
  Array.from({ length: Math.ceil(lines.length / BATCH) }, (_, i) =>
    lines.slice(i * BATCH, (i + 1) * BATCH),
  );

/** Each batch has idempotency keys of its own. */
export const nameOfBatch = (wanted: WantedDocument, [first]: readonly DocumentLine[]): string =>
  `lines-${first === undefined ? 0 : wanted.lines.indexOf(first)}`;

const STATUSES: Readonly<Record<string, string | null>> = {
  draft: null,
  open: "FINALIZED",
  paid: "PAID",
  void: "VOID",
};

/** The document in the words of the core. */
export const toExternalState = (document: SystemDocument): ExternalState => ({
  externalId: document.id,
  status: STATUSES[document.status] ?? null,
  details: {
    number: document.number,
    issued_at: document.created_at,
    currency: document.currency,
    total_minor: Number(document.total_minor),
  },
});

/** What of the document is not as we want it, in words; missing lines aside. */
function findDifference(wanted: WantedDocument, found: SystemDocument): string | undefined {
  if (found.reference !== wanted.reference) return `it is for ${found.reference}`;
  if (found.payer !== wanted.payer) return `it is ${found.payer}'s instead of ${wanted.payer}'s`;
  if (found.currency !== wanted.currency) {
    return `it is in ${found.currency} instead of ${wanted.currency}`;
  }
  if (STATUSES[found.status] === undefined) return `its status ${found.status} is unknown`;
  const lines = new Map(wanted.lines.map((line) => [line.key, line]));
  for (const { key, amount_minor: amount } of found.lines) {
    const want = lines.get(key);
    if (want === undefined) return `line ${key} is not ours or stands there twice`;
    if (want.amount_minor !== amount) {
      return `line ${key} comes to ${amount} instead of ${want.amount_minor}`;
    }
    lines.delete(key);
  }
  return undefined;
}

/**
 * From whatever stands at the system to the next step: create, add the missing lines, compare, finalize.
 * A document that differs is kept and reported; one that was deleted stays deleted. Pure.
 */
export function nextStep(wanted: WantedDocument, observed: SandboxObserved): Step {
  if (observed.state === "none") {
    return { step: "write", name: "create", request: toCreate(wanted) };
  }
  if (observed.state === "deleted") {
    const { externalId } = observed;
    return { step: "done", external: { externalId, status: "DELETED", details: {} } };
  }
  const { document } = observed;
  const external = toExternalState(document);
  const difference = findDifference(wanted, document) ?? findShortfall(wanted, document);
  if (difference !== undefined) {
    const message = `The document ${document.id} was kept as it is: ${difference}.`;
    return { step: "refuse", code: "provider_document_differs", message, external };
  }
  if (document.status !== "draft") return { step: "done", external };
  const there = new Set(document.lines.map(({ key }) => key));
  const batch = toBatches(wanted.lines)
    .map((lines) => lines.filter(({ key }) => !there.has(key)))
    .find((lines) => lines.length > 0);
  if (batch !== undefined) {
    const request = toAddLines(document.id, batch);
    return { step: "write", name: nameOfBatch(wanted, batch), request };
  }
  return { step: "write", name: "finalize", request: toFinalize(document.id) };
}

/** The total must be ours, unless lines are missing that can still be added. */
function findShortfall(wanted: WantedDocument, found: SystemDocument): string | undefined {
  const isWhole = found.lines.length === wanted.lines.length;
  if (!isWhole && found.status === "draft") return undefined;
  return isWhole && BigInt(found.total_minor) === wanted.totalMinor
    ? undefined
    : `it comes to ${found.total_minor} instead of ${wanted.totalMinor} minor units`;
}

/** What stands there by the answer to a write; after lines were added everything is read back. Pure. */
export function afterWrite(
  _wanted: WantedDocument,
  _before: SandboxObserved,
  { path }: ProviderRequest,
  document: SystemDocument,
): SandboxObserved | undefined {
  return path.endsWith("/lines") ? undefined : { state: "found", document };
}
