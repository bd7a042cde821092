import { netsuite } from "./netsuite.ts";
import { quickbooks } from "./quickbooks.ts";
import { xero } from "./xero.ts";

/** Every system that there is a file for; adding one is adding a file and a line here. */
export const ACCOUNTING_FORMATS = {
  QUICKBOOKS: quickbooks,
  XERO: xero,
  NETSUITE: netsuite,
} as const;

export const ACCOUNTING_FORMAT_NAMES = ["QUICKBOOKS", "XERO", "NETSUITE"] as const;
