import { refused } from "../errors.ts";
import type { CollectContext, Owner } from "../in-scope.ts";
import { findClockOf } from "../store/test-clocks.ts";

/** Parameters that name what a request works on, or for whom. */
const NAMES = ["customer", "subscription", "invoice", "charge", "payment_intent", "test_clock"];

/** Clocks themselves are told things on the environment's clock. */
const OF_CLOCKS = "/v1/test_helpers/";

interface Named {
  readonly template: string;
  readonly path: Readonly<Record<string, string>>;
  readonly params: unknown;
}

/** The ids in a request that could be on a test clock. */
function idsOf({ path, params }: Named): string[] {
  const given = params as Readonly<Record<string, unknown>>;
  return [...Object.values(path), ...NAMES.map((name) => given[name])].filter(
    (id) => typeof id === "string",
  );
}

/**
 * Whose work a request is, on which clock: that of the customer whom it is about, when they were made on a
 * test clock. Throws 400 while that clock advances (Stripe docs: Test clocks).
 */
export async function onRequestClock(
  context: CollectContext,
  owner: Owner,
  request: Named,
): Promise<Owner> {
  if (owner.livemode || request.template.startsWith(OF_CLOCKS)) return owner;
  const clock = await findClockOf(context.db, owner.accountId, idsOf(request));
  if (clock === undefined) return owner;
  if (clock.isMoving) {
    throw refused(
      "invalid_argument",
      `The test clock ${clock.name} is advancing: what is on it cannot be changed until it is ready.`,
    );
  }
  return { ...owner, clock: clock.name };
}
