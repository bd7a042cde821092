import type Stripe from "stripe";
import type { TestClockRow } from "../store/test-clocks.ts";
import { toUnix, type Wire } from "../wire.ts";

/** A test clock as Stripe's API shows it. */
export const toTestClock = (row: TestClockRow) =>
  ({
    id: row.id,
    object: "test_helpers.test_clock",
    created: toUnix(row.created_at),
    deletes_after: toUnix(row.deletes_at),
    frozen_time: toUnix(row.frozen_at),
    livemode: row.livemode,
    name: row.name,
    status: row.has_failed
      ? "internal_failure"
      : row.advance_target_at === null
        ? "ready"
        : "advancing",
    status_details:
      row.advance_target_at === null
        ? {}
        : { advancing: { target_frozen_time: toUnix(row.advance_target_at) } },
  }) satisfies Wire<Stripe.TestHelpers.TestClock>;
