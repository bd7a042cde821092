/** A version of Stripe's API: a date and, since 2024, a release name ("2026-10-28.endive"). */
const VERSION = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(\.[a-z]+)?$/;

/** The version that an account answers in when a request names none: the time of the guide "Invoicing Customers". */
export const FIRST_VERSION = "2015-10-16";

/** The version whose shapes are rendered: the one of the `stripe` package in use. */
export const CURRENT_VERSION = "2026-10-28.endive";

/** Where behaviour changed (Stripe docs: API upgrades). Shapes are always the current ones. */
const GATES = {
  /** `closed` and `forgiven` gave way to `status` and `auto_advance`. */
  invoiceStatus: "2018-11-08",
  /** One-off invoices stopped to take pending items by default. */
  pendingItemsExcluded: "2022-08-01",
  /** New subscriptions give back what was paid, not what things cost now. */
  flexibleBilling: "2025-09-30",
} as const;

export type Gate = keyof typeof GATES;

/** True for text of the form of a version, whether Stripe released it or not. */
export const isVersion = (text: string): boolean => VERSION.test(text);

/** True when `version` is older than the change behind the gate. */
export const isBeforeGate = (version: string, gate: Gate): boolean =>
  version.slice(0, 10) < GATES[gate];
