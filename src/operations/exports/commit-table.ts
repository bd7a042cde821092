import type { CommitSpecifier } from "../../domain/commits/commit.ts";
import type { ScheduleItem } from "../../domain/contracts/contract.ts";
import { dec, sum, toText } from "../../domain/decimal.ts";
import { instantText } from "../../domain/time.ts";
import type { Column } from "../../platform/tabular/column.ts";
import { listCommits } from "../../store/commits.ts";
import { type CommitDetail, loadCommitDetails } from "../load-commit-details.ts";
import { type Cells, inOrder, jsonCell, present } from "./cells.ts";
import { customerWiseTable } from "./customer-wise-table.ts";
import type { ExportTable } from "./export-table.ts";

const COLUMNS: readonly Column[] = [
  { name: "id", type: "text" },
  { name: "customer_id", type: "text" },
  { name: "contract_id", type: "text" },
  { name: "type", type: "text" },
  { name: "name", type: "text" },
  { name: "description", type: "text" },
  { name: "product_id", type: "text" },
  { name: "priority", type: "decimal" },
  { name: "rate_type", type: "text" },
  { name: "amount", type: "decimal" },
  { name: "access_schedule_credit_type_id", type: "text" },
  { name: "access_schedule", type: "json" },
  { name: "invoice_schedule_credit_type_id", type: "text" },
  { name: "invoice_schedule", type: "json" },
  { name: "invoice_schedule_do_not_invoice", type: "boolean" },
  { name: "invoice_contract_id", type: "text" },
  { name: "applicable_product_ids", type: "json" },
  { name: "applicable_product_tags", type: "json" },
  { name: "applicable_contract_ids", type: "json" },
  { name: "specifiers", type: "json" },
  { name: "rollover_fraction", type: "decimal" },
  { name: "rolled_over_from_id", type: "text" },
  { name: "rolled_over_from_contract_id", type: "text" },
  { name: "recurring_commit_id", type: "text" },
  { name: "recurring_credit_id", type: "text" },
  { name: "netsuite_sales_order_id", type: "text" },
  { name: "uniqueness_key", type: "text" },
  { name: "custom_fields", type: "json" },
  { name: "created_at", type: "instant" },
  { name: "created_by", type: "text" },
  { name: "archived_at", type: "instant" },
];

const toSpecifier = (specifier: CommitSpecifier) =>
  present({
    product_id: specifier.productId,
    product_tags: specifier.productTags,
    pricing_group_values: specifier.pricingGroupValues,
    presentation_group_values: specifier.presentationGroupValues,
  });

const toItem = ({ id, at, quantity, unitPrice, amount }: ScheduleItem) => ({
  id,
  timestamp: instantText(at),
  unit_price: toText(unitPrice),
  quantity: toText(quantity),
  amount: toText(amount),
});

function toCells({ record, customFields, rolledOverFrom }: CommitDetail): Cells {
  const { row, segments, invoiceItems } = record;
  const isCredit = row.type === "CREDIT";
  return {
    id: row.id,
    customer_id: row.customer_id,
    contract_id: row.contract_id,
    type: row.type,
    name: row.name,
    description: row.description,
    product_id: row.product_id,
    priority: row.priority,
    rate_type: row.rate_type,
    amount: toText(sum(segments.map(({ amount }) => dec(amount)))),
    access_schedule_credit_type_id: row.access_credit_type_id,
    access_schedule: jsonCell(
      segments.map(({ id, amount, starting_at, ending_before }) => ({
        id,
        amount,
        starting_at,
        ending_before,
      })),
    ),
    invoice_schedule_credit_type_id: row.invoice_credit_type_id,
    invoice_schedule: jsonCell(invoiceItems.map(toItem)),
    invoice_schedule_do_not_invoice:
      row.invoice_credit_type_id === null ? null : row.do_not_invoice,
    invoice_contract_id: row.invoice_contract_id,
    applicable_product_ids: jsonCell(row.applicable_product_ids),
    applicable_product_tags: jsonCell(row.applicable_product_tags),
    applicable_contract_ids: jsonCell(row.applicable_contract_ids),
    specifiers: jsonCell(row.specifiers?.map(toSpecifier)),
    rollover_fraction: row.rollover_fraction,
    rolled_over_from_id: rolledOverFrom?.id ?? null,
    rolled_over_from_contract_id: rolledOverFrom?.contractId ?? null,
    recurring_commit_id: isCredit ? null : row.recurring_commit_id,
    recurring_credit_id: isCredit ? row.recurring_commit_id : null,
    netsuite_sales_order_id: row.netsuite_sales_order_id,
    uniqueness_key: row.uniqueness_key,
    custom_fields: jsonCell(customFields),
    created_at: row.created_at,
    created_by: row.created_by,
    archived_at: row.archived_at,
  };
}

/**
 * Commits and credits as the API shows them. They are read customer by customer because what a renewal takes
 * over follows from drafts until the contract before has none.
 */
export const commitTable: ExportTable = customerWiseTable({
  name: "contracts_commits",
  key: "id",
  columns: COLUMNS,
  having: "commits",
  async rowsOf(ctx, customerId) {
    const records = await listCommits(ctx.db, { customerId, includeArchived: true });
    const choice = { balance: false, ledgers: false };
    const details = await loadCommitDetails(ctx, customerId, records, choice);
    return details.map((detail) => inOrder(COLUMNS, toCells(detail)));
  },
});
