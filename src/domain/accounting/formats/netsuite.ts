import type { AccountingColumn, AccountingFormat } from "../accounting-format.ts";

const HEAD: readonly AccountingColumn[] = [
  ["External ID", ({ document }) => document.sourceId],
  ["Invoice #", ({ document }) => document.number],
  ["Customer", ({ document }) => document.customer],
  ["Date", ({ document, date }) => date(document.issuedOn)],
];

const LINE: readonly AccountingColumn[] = [
  ["Currency", ({ document }) => document.currency],
  ["Item", ({ line }) => line.item],
  ["Description", ({ line }) => line.description],
  ["Quantity", ({ line }) => line.quantity],
  ["Rate", ({ line }) => line.unitPrice],
  ["Amount", ({ line }) => line.amount],
  ["Tax Code", ({ line }) => line.taxType],
];

/**
 * NetSuite's CSV import of invoices and credit memos in one file: the external id on every row says which
 * rows are one document (NetSuite help: "Transactions Import Type", "Invoice Import").
 */
export const netsuite: AccountingFormat = {
  title: "NetSuite",
  columns: {
    invoice: [...HEAD, ["Due Date", ({ document, date }) => date(document.dueOn)], ...LINE],
    credit_note: [...HEAD.map(toCreditMemo), ...LINE],
  },
  dateFormat: "MM/DD/YYYY",
  customerNames: null,
  codes: { item: "needed", accountCode: "none", taxType: "taken" },
  maxDocuments: 25_000,
  maxRows: 25_000,
  maxLines: 5000,
};

function toCreditMemo([heading, cell]: AccountingColumn): AccountingColumn {
  return [heading === "Invoice #" ? "Credit #" : heading, cell];
}
