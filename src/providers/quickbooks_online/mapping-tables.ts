import { MAX_CANDIDATES, type MappingCandidate, type MappingTables } from "../mapping-tables.ts";
import { isAccessCode, ProviderReadError } from "../read-error.ts";
import type { QuickBooksParts } from "./client.ts";
import { queryCompany } from "./query.ts";
import { IS_SOLD } from "./sold-items.ts";

interface Table {
  readonly entity: string;
  readonly label: string;
  readonly where?: string;
}

/** What of ours is mapped to which list of the company, and what people know its things by. */
const TABLES = {
  Customer: { entity: "Account", label: "DisplayName" },
  Item: { entity: "Product", label: "FullyQualifiedName", where: IS_SOLD },
} as const satisfies Record<string, Table>;

export const SYSTEM = "QuickBooks";

/** Customers and items of the connected company: active ones, which are all that a document may name. */
export const quickBooksMappingTables = (parts: QuickBooksParts): MappingTables => ({
  system: SYSTEM,
  aliases: ["QuickBooks_Sandbox", "quickbooks_online"],
  tables: Object.entries(TABLES).map(([name, { entity }]) => ({ name, entity })),
  async candidates(connection, table): Promise<MappingCandidate[]> {
    const found = Object.entries(TABLES).find(([name]) => name === table);
    if (found === undefined) return [];
    const [entity, { label, where }]: readonly [string, Table] = found;
    const conditions = ["Active = true", ...(where === undefined ? [] : [where])].join(" and ");
    // As many as one answer holds: there is no second page.
    const rest = `where ${conditions} orderby MetaData.CreateTime desc startposition 1 maxresults ${MAX_CANDIDATES}`;
    try {
      const rows = await queryCompany(parts, connection, entity, rest);
      return rows.map((row) => ({
        id: String(row.Id),
        label: String(row[label] ?? row.Name ?? row.Id),
      }));
    } catch (error) {
      if (error instanceof ProviderReadError && isAccessCode(error.code)) return [];
      throw error;
    }
  },
});
