import { inTransaction } from "../../platform/database/database.ts";
import type { Column, Row } from "../../platform/tabular/column.ts";
import { listCustomersWith } from "../../store/exports/customers-with.ts";
import type { OperationContext } from "../context.ts";
import type { ExportTable } from "./export-table.ts";

/** Customers whose rows are computed before they are written; each in one snapshot of its own. */
const CUSTOMERS = 10;

export interface CustomerWise {
  readonly name: string;
  readonly key: string;
  readonly columns: readonly Column[];
  /** Customers that have none of these have no rows. */
  readonly having: "drafts" | "commits" | "contracts";
  rowsOf(ctx: OperationContext, customerId: string): Promise<readonly Row[]>;
}

/** A snapshot table whose rows are in no table of ours, but computed customer by customer. */
export const customerWiseTable = ({ having, rowsOf, ...table }: CustomerWise): ExportTable => ({
  ...table,
  mode: "snapshot",
  async read(ctx, { after }) {
    const last = after === undefined ? undefined : String(after[0]);
    const ids = await listCustomersWith(ctx.db, ctx.environment.id, having, last, CUSTOMERS);
    const rows: Row[] = [];
    for (const id of ids) {
      const read = (db: OperationContext["db"]) => rowsOf({ ...ctx, db }, id);
      rows.push(...(await inTransaction(ctx.db, read, { oneSnapshot: true })));
    }
    const next = ids.length < CUSTOMERS ? undefined : ids.at(-1);
    return { rows, next: next === undefined ? undefined : [next] };
  },
});
