import type Stripe from "stripe";
import type { AccountRow } from "../store/accounts.ts";
import { toUnix, type Wire } from "../wire.ts";

/** The caller's own account as Stripe's API shows it, as far as this server knows of such things. */
export const toAccount = (row: AccountRow) =>
  ({
    id: row.id,
    object: "account",
    charges_enabled: true,
    ...(row.country === null ? {} : { country: row.country }),
    created: toUnix(row.created_at),
    details_submitted: true,
    email: row.support_email,
    payouts_enabled: false,
    type: "standard",
  }) satisfies Wire<Stripe.Account>;
