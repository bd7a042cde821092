import { invalid } from "../../errors.ts";
import type { ValuePage } from "../integration-target.ts";
import type { ProviderConnection } from "../provider-connection.ts";
import type { QuickBooksParts } from "./client.ts";
import { PAGE, queryCompany } from "./query.ts";
import { IS_SOLD } from "./sold-items.ts";

/** Which list of the company the values of an option are. */
const LISTS: Readonly<Record<string, { readonly entity: string; readonly where?: string }>> = {
  salesTermId: { entity: "Term" },
  taxCodeId: { entity: "TaxCode" },
  defaultItemId: { entity: "Item", where: IS_SOLD },
  incomeAccountId: { entity: "Account", where: "AccountType = 'Income'" },
};

/** Where a page begins, counted from 1 (Intuit docs: "Query operations and syntax"). Throws invalid. */
function readStart(after: string | undefined): number {
  if (after === undefined) return 1;
  if (/^[1-9]\d{0,8}$/.test(after)) return Number(after);
  throw invalid("nextToken is not a token of this list", "nextToken");
}

/**
 * What of the company can be chosen for an option: what is active, in the order in which it was made. Names do not
 * order pages: sub-accounts of two accounts may be called the same. Throws ProviderReadError.
 */
export async function listOptionValues(
  parts: QuickBooksParts,
  connection: ProviderConnection,
  option: string,
  { after, limit }: { readonly after: string | undefined; readonly limit: number },
): Promise<ValuePage> {
  const list = Object.hasOwn(LISTS, option) ? LISTS[option] : undefined;
  if (list === undefined) return { values: [], next: undefined };
  const start = readStart(after);
  const most = Math.min(limit, PAGE);
  const where = ["Active = true", ...(list.where === undefined ? [] : [list.where])].join(" and ");
  const rest = `where ${where} orderby Id startposition ${start} maxresults ${most}`;
  const rows = await queryCompany(parts, connection, list.entity, rest);
  return {
    // The whole name tells a sub-account or sub-item from others of its own name.
    values: rows.map(({ Id: id, Name: name, FullyQualifiedName: whole }) => ({
      id: String(id),
      label: String(whole ?? name ?? id),
    })),
    // A page may be short only at the end.
    next: rows.length < most ? undefined : String(start + rows.length),
  };
}
