import { describe, expect, test } from "vitest";
import { instant, instantText } from "../time.ts";
import {
  type EndpointHealth,
  HEALTHY,
  planAfterFailure,
  shouldWaitForProbe,
} from "./delivery-plan.ts";

const START = "2024-03-01T00:00:00Z";
const at = (hours: number) => instant(START).add({ minutes: Math.trunc(hours * 60) });
const tried = (attempts: number, timedOut = false) => ({
  deliveryId: "mine",
  attempts,
  tryingSinceAt: START,
  timedOut,
});
const failing = (consecutiveFailures: number, probeDeliveryId: string | null): EndpointHealth => ({
  ...HEALTHY,
  consecutiveFailures,
  probeDeliveryId,
  failingSinceAt: START,
});

describe("planAfterFailure", () => {
  test.each([
    [1, "2024-03-01T00:00:15Z", "the first retry is near"],
    [2, "2024-03-01T00:00:30Z", "it doubles"],
    [6, "2024-03-01T00:08:00Z", "it goes on doubling"],
    [7, "2024-03-01T00:15:00Z", "16 minutes would be beyond the cap"],
    [180, "2024-03-01T00:15:00Z", "the cap holds"],
  ])("after try %i retries at %s, because %s", (attempts, dueAt, _reason) => {
    const plan = planAfterFailure(tried(attempts), HEALTHY, instant(START), undefined);
    expect(plan).toMatchObject({ next: "retry", dueAt });
  });

  test("spaces the tries of a new probe by the endpoint's failures, not by its own", () => {
    const plan = planAfterFailure(tried(1), failing(5, "mine"), instant(START), undefined);
    expect(plan.dueAt).toBe("2024-03-01T00:08:00Z");
  });

  test("counts failures from the first one", () => {
    const { health } = planAfterFailure(tried(1), HEALTHY, at(1), undefined);
    expect(health).toEqual({
      ...HEALTHY,
      consecutiveFailures: 1,
      failingSinceAt: instantText(at(1)),
    });
  });

  test.each([
    [3, null, "retry", null, "four failures in a row may be one bad minute"],
    [4, null, "retry", "mine", "the fifth makes this delivery the probe"],
    [4, "other", "park", "other", "another delivery probes already"],
    [60, "mine", "retry", "mine", "the probe goes on"],
  ] as const)(
    "with %i failures before and probe %s: %s, because %s",
    (before, probe, next, after, _reason) => {
      const plan = planAfterFailure(tried(9), failing(before, probe), at(2), undefined);
      expect([plan.next, plan.health.probeDeliveryId]).toEqual([next, after]);
    },
  );

  test("gives up when the next try would be after two days, and disables an endpoint that took nothing", () => {
    const last = planAfterFailure(tried(190), failing(190, "mine"), at(47.75), undefined);
    expect(last.next).toBe("retry");
    const plan = planAfterFailure(tried(191), failing(191, "mine"), at(48), undefined);
    expect([plan.next, plan.health.disabledAt]).toEqual(["give_up", "2024-03-03T00:00:00Z"]);
  });

  test("the first failure may come a little after the message was made", () => {
    const health = { ...failing(191, "mine"), failingSinceAt: "2024-03-01T00:00:02Z" };
    const plan = planAfterFailure(tried(191), health, at(48), undefined);
    expect(plan.health.disabledAt).not.toBeNull();
  });

  test("gives up one message and keeps an endpoint that took others meanwhile", () => {
    const health = { ...failing(3, "mine"), failingSinceAt: "2024-03-02T00:00:00Z" };
    const plan = planAfterFailure(tried(191), health, at(48), undefined);
    expect([plan.next, plan.health.disabledAt, plan.health.probeDeliveryId]).toEqual([
      "give_up",
      null,
      null,
    ]);
  });

  test("disables an endpoint that lets tries wait in vain, where that is limited", () => {
    const waiting = { ...failing(9, "mine"), consecutiveTimeouts: 9 };
    expect(planAfterFailure(tried(10, true), waiting, at(1), 10).health.disabledAt).not.toBeNull();
    expect(planAfterFailure(tried(10, true), waiting, at(1), undefined).next).toBe("retry");
    expect(planAfterFailure(tried(10, true), waiting, at(0.9), 10).next).toBe("retry");
    const answered = planAfterFailure(tried(10, false), waiting, at(1), 10);
    expect([answered.next, answered.health.consecutiveTimeouts]).toEqual(["retry", 0]);
  });
});

test.each([
  [5, "other", true, "the endpoint answers nobody and another delivery probes"],
  [4, "other", false, "it may answer again"],
  [5, "mine", false, "the probe itself tries"],
  [5, null, false, "somebody must try"],
] as const)(
  "after %i timeouts with probe %s waiting is %s, because %s",
  (timeouts, probe, waits, _reason) => {
    const health = { ...failing(9, probe), consecutiveTimeouts: timeouts };
    expect(shouldWaitForProbe("mine", health)).toBe(waits);
  },
);
