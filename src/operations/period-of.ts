import { instant } from "../domain/time.ts";
import { assert } from "../errors.ts";
import type { InvoiceRecord } from "../store/invoices.ts";

/** The billing period of a usage invoice. */
export function periodOf(record: Pick<InvoiceRecord, "id" | "startAt" | "endAt">) {
  assert(
    record.startAt !== null && record.endAt !== null,
    `usage invoice ${record.id} has a period`,
  );
  return { start: instant(record.startAt), end: instant(record.endAt) };
}
