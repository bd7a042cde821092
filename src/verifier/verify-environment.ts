import type { CoreDb } from "../db/database.ts";
import { invoiceFaults } from "../domain/invoices/check-invoice.ts";
import { listOverdrawnSegments, listStoredInvoices } from "../store/stored-invoices.ts";

/** What was found about one thing. */
export interface Finding {
  /** "invoice 5f..." or "commit 5f...". */
  readonly what: string;
  readonly fault: string;
}

export interface Verification {
  readonly invoiceCount: number;
  readonly findings: readonly Finding[];
}

/** So many at once: an invoice of thousands of lines is some megabytes. */
const PAGE = 100;

/**
 * Computes every final invoice of an environment once more from what is stored with it and compares:
 * the hash of its content, each step of each line, its totals, what it took of commits, what credit
 * notes gave back; and that no commit was burned beyond its grant. Reads page by page, changes nothing.
 */
export async function verifyEnvironment(
  db: CoreDb,
  environmentId: string,
  onProgress: (invoiceCount: number) => void,
): Promise<Verification> {
  const findings: Finding[] = [];
  let invoiceCount = 0;
  let after = 0n;
  for (;;) {
    const page = await listStoredInvoices(db, environmentId, after, PAGE);
    for (const invoice of page) {
      const what = `invoice ${invoice.id} of customer ${invoice.customerId}`;
      const hash = invoice.isUnchanged
        ? []
        : ["its content is not what was finalized: it has another hash"];
      for (const fault of [...hash, ...invoiceFaults(invoice)]) findings.push({ what, fault });
    }
    invoiceCount += page.length;
    const last = page.at(-1);
    if (last === undefined) break;
    onProgress(invoiceCount);
    after = last.position;
  }
  for (const { commitId, segmentId, remaining } of await listOverdrawnSegments(db, environmentId)) {
    const fault = `segment ${segmentId} is used beyond its grant: ${remaining} is left`;
    findings.push({ what: `commit ${commitId}`, fault });
  }
  return { invoiceCount, findings };
}
