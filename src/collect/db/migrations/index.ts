import type { Migration } from "../../../platform/database/migrate.ts";
import { foundation } from "./0001-foundation.ts";
import { invoicing } from "./0002-invoicing.ts";
import { listIndexes } from "./0003-list-indexes.ts";
import { paymentIntents } from "./0004-payment-intents.ts";
import { subscriptions } from "./0005-subscriptions.ts";
import { totals } from "./0006-totals.ts";
import { accounts } from "./0008-accounts.ts";
import { daysUntilDue } from "./0008b-days-until-due.ts";
import { rhythm } from "./0009-rhythm.ts";
import { money } from "./0010-money.ts";
import { testClocks } from "./0011-test-clocks.ts";
import { automaticTax } from "./0025-automatic-tax.ts";

/** The schema "collect", step by step. The platform's migrations create the schema and the job table before. */
export const collectMigrations: readonly Migration[] = [
  foundation,
  invoicing,
  listIndexes,
  paymentIntents,
  subscriptions,
  totals,
  accounts,
  daysUntilDue,
  rhythm,
  money,
  testClocks,
  automaticTax,
];
