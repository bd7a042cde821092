import type { AccountingColumn, AccountingFormat } from "../accounting-format.ts";

const LINE: readonly AccountingColumn[] = [
  ["Memo", ({ document }) => document.sourceId],
  ["Item(Product/Service)", ({ line }) => line.item],
  ["ItemDescription", ({ line }) => line.description],
  ["ItemQuantity", ({ line }) => line.quantity],
  ["ItemRate", ({ line }) => line.unitPrice],
  ["*ItemAmount", ({ line }) => line.amount],
  ["*ItemTaxCode", ({ line }) => line.taxType],
  ["Currency", ({ document }) => document.currency],
];

/**
 * QuickBooks Online: "Import data", invoices and credit notes (Intuit help: "Import multiple invoices at
 * once"). The income account is the item's, so that a row names none. The tax code has its star outside the
 * US, where every line needs one.
 */
export const quickbooks: AccountingFormat = {
  title: "QuickBooks Online",
  columns: {
    invoice: [
      ["*InvoiceNo", ({ document }) => document.number],
      ["*Customer", ({ document }) => document.customer],
      ["*InvoiceDate", ({ document, date }) => date(document.issuedOn)],
      ["*DueDate", ({ document, date }) => date(document.dueOn)],
      ...LINE,
    ],
    credit_note: [
      ["*CreditNoteNo", ({ document }) => document.number],
      ["*Customer", ({ document }) => document.customer],
      ["*CreditNoteDate", ({ document, date }) => date(document.issuedOn)],
      ...LINE,
    ],
  },
  dateFormat: "MM/DD/YYYY",
  customerNames: { maxCharacters: 100, parting: ":" },
  codes: { item: "needed", accountCode: "none", taxType: "taken" },
  maxDocuments: 100,
  // A thousand with the headings.
  maxRows: 999,
  maxLines: 999,
};
