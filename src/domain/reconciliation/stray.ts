import type { FindingClass } from "./finding-class.ts";

/**
 * Where a document stands, in what can still be done about it. `draft`: it can be changed and deleted.
 * `open`: it can be taken back. `paid`: money has arrived, wholly or in part. `closed`: nobody has to
 * pay it any more.
 */
export type Standing = "missing" | "draft" | "open" | "paid" | "closed";

/** A delivery of the invoice that a document names. */
export interface StrayRun {
  readonly id: string;
  readonly connectionId: string | null;
  readonly status: "QUEUED" | "RUNNING" | "SENT" | "SKIPPED" | "FAILED";
  readonly externalId: string | null;
  readonly externalStatus: string | null;
}

export interface Stray {
  readonly connectionId: string;
  readonly kind: "invoice" | "payment";
  readonly standing: Standing;
  /** Whether the invoice that the document names is one of this environment. */
  readonly isInvoiceKnown: boolean;
  /** The deliveries of that invoice, none of which knows this document. */
  readonly runs: readonly StrayRun[];
}

/** What a document with our metadata is that no delivery knows, and what may be done about it. */
export interface StrayVerdict {
  readonly class: FindingClass;
  /** adopt: it becomes the document of `runId`; discard: it is taken away; leave: only a person can tell. */
  readonly remedy: "adopt" | "discard" | "leave";
  /** The delivery that it is a second document of, or is to become the document of. */
  readonly runId: string | null;
}

const hasNoDocument = ({ externalId, externalStatus }: StrayRun): boolean =>
  externalId === null || externalStatus === "DELETED";

/**
 * Decides on a document with our metadata that no delivery knows; undefined: there is nothing to do. One
 * whose invoice is unknown here may be another installation's and is never touched. A delivery that is
 * on its way may have made it a moment ago.
 */
export function decideStray(stray: Stray): StrayVerdict | undefined {
  const { connectionId, kind, standing, isInvoiceKnown, runs } = stray;
  if (standing === "missing" || standing === "closed") return undefined;
  if (runs.some(({ status }) => status === "QUEUED" || status === "RUNNING")) return undefined;
  const orphan = orphanClass(kind, standing);
  if (!isInvoiceKnown) return { class: orphan, remedy: "leave", runId: null };
  const own = runs.filter((run) => run.connectionId === connectionId);
  const empty = own.find((run) => run.status !== "SKIPPED" && hasNoDocument(run));
  if (empty !== undefined) return { class: orphan, remedy: "adopt", runId: empty.id };
  const other = own.find((run) => !hasNoDocument(run));
  const isDuplicate = other !== undefined && kind === "invoice" && standing !== "draft";
  return {
    class: isDuplicate ? "duplicate_invoice" : orphan,
    remedy: "discard",
    runId: other?.id ?? null,
  };
}

function orphanClass(kind: Stray["kind"], standing: Standing): FindingClass {
  if (kind === "payment") return "orphan_payment";
  return standing === "draft" ? "orphan_draft" : "orphan_final";
}
