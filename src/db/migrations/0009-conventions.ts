import { sql } from "kysely";
import type { Migration } from "../../platform/database/migrate.ts";

/** As they were when this was written; the first of each is what was done before it could be chosen. */
const settings = {
  period_end: ["exclusive", "inclusive"],
  proration_basis: ["time", "days", "thirty_day_months"],
  zero_usage_tier_fee: ["not_charged", "charged"],
  tier_bound: ["lower_tier", "upper_tier"],
  rounding_mode: ["half_away_from_zero", "half_even", "away_from_zero", "toward_zero"],
  invoice_rounding: ["sum_then_round", "round_then_sum"],
};

const list = (values: readonly string[]): string => values.map((value) => `'${value}'`).join(", ");

const statements = [
  ...Object.entries(settings).map(
    ([column, values]) =>
      `alter table environments add column ${column} text not null default '${values[0]}'
         check (${column} in (${list(values)}))`,
  ),
  // null: a draft, or finalized before there was a choice.
  `alter table invoices add column conventions jsonb`,
];

/** The conventions that an environment chooses, and those that a finalized invoice was made with. */
export const conventions: Migration = {
  name: "core-0009-conventions",
  async up(db) {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
