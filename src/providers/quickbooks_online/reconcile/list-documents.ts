import type { ProviderConnection } from "../../provider-connection.ts";
import type { ListedDocument } from "../../reconciliation.ts";
import type { QuickBooksParts } from "../client.ts";
import type { DocumentKind } from "../document.ts";
import { PAGE, queryCompany, quoted } from "../query.ts";
import { readSalesDocument, toExternalId } from "../sales-document.ts";
import { toQuickBooksSettings } from "../settings.ts";
import { standingOfDocument } from "./inspect.ts";

const KINDS: readonly DocumentKind[] = ["Invoice", "CreditMemo"];
const OURS = /\binvoice=([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b/;

interface Range {
  readonly since: string | undefined;
  readonly until: string | undefined;
}

/** Which list, and where in it. */
function readPage(page: string | undefined): { readonly index: number; readonly start: number } {
  const [index, start] = (page ?? "0:1").split(":").map(Number);
  return { index: index ?? 0, start: start ?? 1 };
}

/**
 * Documents whose numbers begin like ours and whose notes name one of our invoices, created in the range, a
 * page at a time: invoices, then credit memos. A note cannot be asked for, so the number leads there.
 * Throws ProviderReadError.
 */
export async function listDocuments(
  parts: QuickBooksParts,
  connection: ProviderConnection,
  { since, until }: Range,
  page: string | undefined,
): Promise<{ readonly documents: readonly ListedDocument[]; readonly next: string | undefined }> {
  const { index, start } = readPage(page);
  const kind = KINDS[index];
  if (kind === undefined) return { documents: [], next: undefined };
  const { doc_number_prefix: prefix } = toQuickBooksSettings(connection);
  const conditions = [
    ...(prefix === "" ? [] : [`DocNumber like ${quoted(`${prefix}%`)}`]),
    ...(since === undefined ? [] : [`MetaData.CreateTime >= ${quoted(since)}`]),
    ...(until === undefined ? [] : [`MetaData.CreateTime < ${quoted(until)}`]),
  ];
  const where = conditions.length === 0 ? "" : `where ${conditions.join(" and ")} `;
  const rest = `${where}orderby Id startposition ${start} maxresults ${PAGE}`;
  const rows = await queryCompany(parts, connection, kind, rest);
  const documents = rows.flatMap((row): ListedDocument[] => {
    const document = readSalesDocument(kind, row);
    const [, invoiceId] = OURS.exec(document?.note ?? "") ?? [];
    if (document === undefined || invoiceId === undefined) return [];
    const standing = standingOfDocument(document);
    return [{ externalId: toExternalId(document), invoiceId, kind: "invoice", standing }];
  });
  const next = rows.length < PAGE ? `${index + 1}:1` : `${index}:${start + rows.length}`;
  return { documents, next: next === `${KINDS.length}:1` ? undefined : next };
}
