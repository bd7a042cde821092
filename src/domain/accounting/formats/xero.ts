import { type AccountingColumn, type AccountingFormat, blank } from "../accounting-format.ts";

const ADDRESS: readonly AccountingColumn[] = [
  "EmailAddress",
  "POAddressLine1",
  "POAddressLine2",
  "POAddressLine3",
  "POAddressLine4",
  "POCity",
  "PORegion",
  "POPostalCode",
  "POCountry",
].map(blank);

const LINE: readonly AccountingColumn[] = [
  blank("Total"),
  ["InventoryItemCode", ({ line }) => line.item],
  ["*Description", ({ line }) => line.description],
  ["*Quantity", ({ line }) => line.quantity],
  ["*UnitAmount", ({ line }) => line.unitPrice],
  blank("Discount"),
  ["*AccountCode", ({ line }) => line.accountCode],
  ["*TaxType", ({ line }) => line.taxType],
  blank("TaxAmount"),
  blank("TrackingName1"),
  blank("TrackingOption1"),
  blank("TrackingName2"),
  blank("TrackingOption2"),
  ["Currency", ({ document }) => document.currency],
  blank("BrandingTheme"),
];

/**
 * Xero's template for sales invoices and for credit notes, whole: headings that are missing or moved are
 * refused there (Xero help: "Import customers' invoices"). Addresses stay empty, so that those of the
 * contact are kept; total and tax are worked out there, tax included, from quantity, amount and tax type.
 */
export const xero: AccountingFormat = {
  title: "Xero",
  columns: {
    invoice: [
      ["*ContactName", ({ document }) => document.customer],
      ...ADDRESS,
      ["*InvoiceNumber", ({ document }) => document.number],
      ["Reference", ({ document }) => document.sourceId],
      ["*InvoiceDate", ({ document, date }) => date(document.issuedOn)],
      ["*DueDate", ({ document, date }) => date(document.dueOn)],
      ...LINE,
    ],
    credit_note: [
      ["*ContactName", ({ document }) => document.customer],
      ...ADDRESS,
      ["*CreditNoteNumber", ({ document }) => document.number],
      ["Reference", ({ document }) => document.sourceId],
      ["*CreditNoteDate", ({ document, date }) => date(document.issuedOn)],
      ...LINE,
    ],
  },
  dateFormat: "DD/MM/YYYY",
  customerNames: null,
  codes: { item: "taken", accountCode: "needed", taxType: "needed" },
  maxDocuments: 500,
  maxRows: 10_000,
  maxLines: 10_000,
};
