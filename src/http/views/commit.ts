import type { CommitSpecifier } from "../../domain/commits/commit.ts";
import { type LedgerEntry, namesSegment } from "../../domain/commits/ledger.ts";
import type { ScheduleItem } from "../../domain/contracts/contract.ts";
import { dec } from "../../domain/decimal.ts";
import { instantText } from "../../domain/time.ts";
import type { CommitDetail, RolledOverFrom } from "../../operations/load-commit-details.ts";
import { toCreditTypeView } from "./credit-type.ts";

/** A commit or credit as the API shows it. */
export function toCommitView(detail: CommitDetail) {
  const { record, productName, customFields, rolledOverFrom, balance, ledger, units } = detail;
  const { row, segments, invoiceItems } = record;
  return {
    id: row.id,
    type: row.type,
    product: { id: row.product_id, name: productName },
    ...present({
      name: row.name,
      description: row.description,
      contract: row.contract_id === null ? null : { id: row.contract_id },
      invoice_contract: row.invoice_contract_id === null ? null : { id: row.invoice_contract_id },
      applicable_product_ids: row.applicable_product_ids,
      applicable_product_tags: row.applicable_product_tags,
      applicable_contract_ids: row.applicable_contract_ids,
      specifiers: row.specifiers?.map(toSpecifierView) ?? null,
      netsuite_sales_order_id: row.netsuite_sales_order_id,
      uniqueness_key: row.uniqueness_key,
      archived_at: row.archived_at,
      rollover_fraction: row.rollover_fraction && dec(row.rollover_fraction),
      ...{
        [row.type === "CREDIT" ? "recurring_credit_id" : "recurring_commit_id"]:
          row.recurring_commit_id,
      },
      rolled_over_from: rolledOverFrom === null ? null : toSourceView(row.type, rolledOverFrom),
      balance: balance ?? null,
      ledger: ledger?.map(toLedgerView) ?? null,
    }),
    priority: dec(row.priority),
    rate_type: row.rate_type,
    access_schedule: {
      credit_type: toCreditTypeView(row.access_credit_type_id, units),
      schedule_items: segments.map((segment) => ({
        id: segment.id,
        amount: dec(segment.amount),
        starting_at: segment.starting_at,
        ending_before: segment.ending_before,
      })),
    },
    ...(row.invoice_credit_type_id === null
      ? {}
      : {
          invoice_schedule: {
            ...toScheduleView(invoiceItems, row.invoice_credit_type_id),
            do_not_invoice: row.do_not_invoice,
          },
        }),
    custom_fields: customFields,
    created_at: row.created_at,
    created_by: row.created_by,
  };
}

/** Dated amounts as the API shows them. */
export const toScheduleView = (items: readonly ScheduleItem[], creditTypeId: string) => ({
  credit_type: toCreditTypeView(creditTypeId),
  schedule_items: items.map((item) => ({
    id: item.id,
    timestamp: instantText(item.at),
    quantity: item.quantity,
    unit_price: item.unitPrice,
    amount: item.amount,
  })),
});

const toSourceView = (type: string, { id, contractId }: RolledOverFrom) =>
  type === "CREDIT"
    ? { credit_id: id, contract_id: contractId }
    : { commit_id: id, contract_id: contractId };

/** What usage burns a commit, as the API shows it. */
export const toSpecifierView = (specifier: CommitSpecifier) =>
  present({
    product_id: specifier.productId,
    product_tags: specifier.productTags,
    pricing_group_values: specifier.pricingGroupValues,
    presentation_group_values: specifier.presentationGroupValues,
  });

const toLedgerView = (entry: LedgerEntry) => ({
  type: entry.type,
  timestamp: instantText(entry.at),
  amount: entry.amount,
  ...(namesSegment(entry) ? { segment_id: entry.segmentId } : {}),
  ...present({
    invoice_id: entry.invoiceId,
    contract_id: entry.contractId,
    new_contract_id: entry.newContractId ?? null,
    reason: entry.reason,
  }),
});

/** The fields that have a value. */
export const present = <Fields extends Record<string, unknown>>(fields: Fields): Partial<Fields> =>
  Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== null),
  ) as Partial<Fields>;
