import type { FoundationTables } from "./foundation-tables.ts";
import type { InvoicingTables } from "./invoicing-tables.ts";
import type { MoneyTables } from "./money-tables.ts";
import type { SubscriptionTables } from "./subscription-tables.ts";
import type { TestClockTables } from "./test-clock-tables.ts";
import type { TotalsTables } from "./totals-tables.ts";

/** All tables of Collect, in the Postgres schema "collect" (the handle carries the schema's name). */
export interface CollectDatabase
  extends FoundationTables,
    InvoicingTables,
    MoneyTables,
    SubscriptionTables,
    TestClockTables,
    TotalsTables {}
