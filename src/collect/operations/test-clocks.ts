import { instant, instantText, isAfter } from "../../domain/time.ts";
import { refused } from "../errors.ts";
import { newId } from "../ids.ts";
import type { Scope } from "../scope.ts";
import { toTestClock } from "../serializers/to-test-clock.ts";
import {
  deleteClockAndJobs,
  insertTestClock,
  listCustomersOnClock,
  lockTestClock,
  setTarget,
  type TestClockRow,
} from "../store/test-clocks.ts";
import { writeFollowUps } from "../store/write-follow-ups.ts";
import { deleteCustomer } from "./delete-customer.ts";
import { recordEvent } from "./record-event.ts";

/** The kind of the jobs that take a test clock to where it was sent. */
export const ADVANCE_TEST_CLOCK = "advance-test-clock";
/** The kind of the jobs that delete a test clock when its time is over. */
export const DELETE_TEST_CLOCK = "delete-test-clock";

/** Stripe docs: Test clocks, "automatically deleted 30 days after creation". */
const KEPT_DAYS = 30;
const MAX_ATTEMPTS = 3;

type What = "advancing" | "created" | "deleted" | "internal_failure" | "ready";

const tell = (scope: Scope, what: What, row: TestClockRow): void =>
  recordEvent(scope, { type: `test_helpers.test_clock.${what}`, object: toTestClock(row) });

const promise = (
  scope: Scope,
  kind: string,
  { id }: TestClockRow,
  dueAt: string,
  maxAttempts?: number,
): void => {
  scope.followUps.jobs.push({
    clock: scope.base.clock,
    kind,
    key: id,
    payload: { accountId: scope.accountId, livemode: scope.livemode, testClock: id },
    dueAt,
    ...(maxAttempts === undefined ? {} : { maxAttempts }),
  });
};

/** Makes a clock that stands. Throws 400 in live mode. */
export async function createTestClock(
  scope: Scope,
  { name, frozenAt }: { readonly name: string | undefined; readonly frozenAt: string },
): Promise<TestClockRow> {
  if (scope.livemode) {
    throw refused("invalid_argument", "Test clocks are there in test mode only.");
  }
  const deletesAt = instantText(instant(scope.base.nowAt).add({ hours: KEPT_DAYS * 24 }));
  const terms = { id: newId("clock"), name: name ?? null, deletes_at: deletesAt };
  const row = await insertTestClock(scope, terms, frozenAt);
  tell(scope, "created", row);
  promise(scope, DELETE_TEST_CLOCK, row, deletesAt);
  return row;
}

const assertStands = (row: TestClockRow): void => {
  if (row.advance_target_at === null) return;
  throw refused("invalid_argument", "The test clock is advancing: wait until it is ready.");
};

/**
 * Sends a clock forwards: a job takes it through everything that falls due on the way, in order of time
 * (Stripe docs: Advance a test clock). Throws 404, and 400 for a time that has passed.
 */
export async function advanceTestClock(
  scope: Scope,
  id: string,
  targetAt: string,
): Promise<TestClockRow> {
  const row = await lockTestClock(scope, id);
  assertStands(row);
  if (!isAfter(instant(targetAt), instant(row.frozen_at))) {
    throw refused(
      "invalid_argument",
      `frozen_time must be after the time that the clock shows, ${row.frozen_at}.`,
      "frozen_time",
    );
  }
  const sent = await setTarget(scope, row.id, targetAt);
  tell(scope, "advancing", sent);
  promise(scope, ADVANCE_TEST_CLOCK, sent, scope.base.nowAt, MAX_ATTEMPTS);
  return sent;
}

/** The clock has got there, or cannot. */
export async function endAdvance(scope: Scope, id: string, hasFailed: boolean): Promise<void> {
  const row = await lockTestClock(scope, id);
  if (row.advance_target_at === null) return;
  const stands = await setTarget(scope, row.id, null, hasFailed);
  tell(scope, hasFailed ? "internal_failure" : "ready", stands);
}

/**
 * Deletes a clock with its customers, whose subscriptions end at the time that it shows; what was to happen on
 * it does not happen. Throws 404, and 400 while it advances.
 */
export async function deleteTestClock(scope: Scope, id: string): Promise<void> {
  const row = await lockTestClock(scope, id);
  assertStands(row);
  const onClock = { ...scope, clock: row.id, nowAt: row.frozen_at };
  for (const customer of await listCustomersOnClock(scope, row.id)) {
    await deleteCustomer(onClock, customer);
  }
  // What ending them brings with it on this clock is gone with the clock's other jobs.
  await writeFollowUps(scope);
  await deleteClockAndJobs(scope, row.id);
  tell(scope, "deleted", row);
}
