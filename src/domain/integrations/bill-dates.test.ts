import { expect, test } from "vitest";
import { type BillDating, billDates } from "./bill-dates.ts";

const plain: BillDating = {
  issuedAt: "2024-02-02T00:00:00Z",
  endAt: "2024-02-01T00:00:00Z",
  dueDate: null,
  externalInvoiceDate: null,
  contractDays: null,
  accountDays: null,
  organizationDays: null,
};

test.each([
  [{}, "2024-02-02", null, "2024-02-01", "nobody says when it is due"],
  [
    { organizationDays: 28 },
    "2024-02-02",
    "2024-03-01",
    "2024-02-01",
    "28 days over the end of February 2024",
  ],
  [
    { organizationDays: 30, accountDays: 10 },
    "2024-02-02",
    "2024-02-12",
    "2024-02-01",
    "the account before the organization",
  ],
  [
    { accountDays: 10, contractDays: 0 },
    "2024-02-02",
    "2024-02-02",
    "2024-02-01",
    "the contract before the account, also at 0",
  ],
  [
    { contractDays: 5, dueDate: "2024-06-30" },
    "2024-02-02",
    "2024-06-30",
    "2024-02-01",
    "a bill job before all",
  ],
  [
    { externalInvoiceDate: "2024-01-31" },
    "2024-02-02",
    null,
    "2024-01-31",
    "booked as a bill job says",
  ],
  [{ endAt: null }, "2024-02-02", null, "2024-02-02", "without a period it is booked on its date"],
  [
    { issuedAt: "2024-02-29T23:59:59.999Z", accountDays: 1 },
    "2024-02-29",
    "2024-03-01",
    "2024-02-01",
    "a day of UTC, whatever the hour",
  ],
] as const satisfies readonly (readonly [
  Partial<BillDating>,
  string,
  string | null,
  string,
  string,
])[])("%j: dated %s, due %s, booked %s: %s", (known, billDate, dueDate, externalInvoiceDate) => {
  expect(billDates({ ...plain, ...known })).toEqual({ billDate, dueDate, externalInvoiceDate });
});
