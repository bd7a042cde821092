import type { ProviderConnection } from "../provider-connection.ts";
import { callCompany, type QuickBooksParts } from "./client.ts";
import { GONE, toReadFailure } from "./faults.ts";
import { toExternalId } from "./sales-document.ts";

type Fields = Readonly<Record<string, unknown>>;
const listOf = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value : []);

const KINDS = { Invoice: "Invoice", CreditMemo: "CreditMemo" } as const;

/** The documents that a payment is linked to, each once. Pure. */
export function linkedDocuments(payment: Fields): readonly string[] {
  const linked = listOf(payment.Line).flatMap(({ LinkedTxn: all }) => listOf(all));
  const ids = linked.flatMap(({ TxnId: id, TxnType: type }) => {
    const kind = KINDS[type as keyof typeof KINDS];
    return kind === undefined ? [] : [toExternalId({ kind, id: String(id) })];
  });
  return [...new Set(ids)];
}

/** The documents that a payment (`payment-12`) pays; undefined: it was deleted. Throws ProviderReadError. */
export async function relatedDocuments(
  parts: QuickBooksParts,
  connection: ProviderConnection,
  related: string,
): Promise<readonly string[] | undefined> {
  const answer = await callCompany(parts, connection, {
    method: "GET",
    path: `/payment/${encodeURIComponent(related.replace("payment-", ""))}`,
  });
  if (answer.outcome === "answered") return linkedDocuments((answer.body.Payment ?? {}) as Fields);
  if (answer.fault.code === GONE) return undefined;
  throw toReadFailure(answer.fault);
}
