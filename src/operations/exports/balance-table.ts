import { toText } from "../../domain/decimal.ts";
import type { Column } from "../../platform/tabular/column.ts";
import { listCommits } from "../../store/commits.ts";
import { loadCommitDetails } from "../load-commit-details.ts";
import { customerWiseTable } from "./customer-wise-table.ts";
import type { ExportTable } from "./export-table.ts";

const COLUMNS: readonly Column[] = [
  { name: "id", type: "text" },
  { name: "customer_id", type: "text" },
  { name: "contract_id", type: "text" },
  { name: "type", type: "text" },
  { name: "credit_type_id", type: "text" },
  { name: "balance", type: "decimal" },
];

/** What is left now of each commit and credit, when what drafts reserve counts as gone. */
export const balanceTable: ExportTable = customerWiseTable({
  name: "contracts_balances",
  key: "id",
  columns: COLUMNS,
  having: "commits",
  async rowsOf(ctx, customerId) {
    const records = await listCommits(ctx.db, { customerId, includeArchived: false });
    const choice = { balance: true, ledgers: false };
    const details = await loadCommitDetails(ctx, customerId, records, choice);
    return details.map(({ record: { row }, balance }) => [
      row.id,
      row.customer_id,
      row.contract_id,
      row.type,
      row.access_credit_type_id,
      balance === undefined ? null : toText(balance),
    ]);
  },
});
