import { type LedgerEntry, namesSegment } from "../../domain/commits/ledger.ts";
import { toText } from "../../domain/decimal.ts";
import { instantText } from "../../domain/time.ts";
import type { Column } from "../../platform/tabular/column.ts";
import { listCommits } from "../../store/commits.ts";
import { loadCommitDetails } from "../load-commit-details.ts";
import { decimalCell, jsonCell, present } from "./cells.ts";
import { customerWiseTable } from "./customer-wise-table.ts";
import type { ExportTable } from "./export-table.ts";

const COLUMNS: readonly Column[] = [
  { name: "id", type: "text" },
  { name: "customer_id", type: "text" },
  { name: "contract_id", type: "text" },
  { name: "type", type: "text" },
  { name: "credit_type_id", type: "text" },
  { name: "balance", type: "decimal" },
  { name: "ledger", type: "json" },
];

/** Names are the API's; amounts inside of JSON are text. */
const toLedger = (entries: readonly LedgerEntry[]) =>
  entries.map((entry) =>
    present({
      type: entry.type,
      timestamp: instantText(entry.at),
      amount: toText(entry.amount),
      segment_id: namesSegment(entry) ? entry.segmentId : null,
      invoice_id: entry.invoiceId,
      contract_id: entry.contractId,
      new_contract_id: entry.newContractId,
      reason: entry.reason,
    }),
  );

/**
 * What is left now of each commit and credit, and how it came to that, when what drafts reserve counts as
 * gone.
 */
export const balanceTable: ExportTable = customerWiseTable({
  name: "contracts_balances",
  key: "id",
  columns: COLUMNS,
  having: "commits",
  async rowsOf(ctx, customerId) {
    const records = await listCommits(ctx.db, { customerId, includeArchived: false });
    const choice = { balance: true, ledgers: true };
    const details = await loadCommitDetails(ctx, customerId, records, choice);
    return details.map(({ record: { row }, balance, ledger }) => [
      row.id,
      row.customer_id,
      row.contract_id,
      row.type,
      row.access_credit_type_id,
      decimalCell(balance),
      jsonCell(ledger && toLedger(ledger)),
    ]);
  },
});
