import { expect, test } from "vitest";
import { type GatherOptions, gatherRequests } from "./gather-requests.ts";

const options: GatherOptions<number, string> = {
  lanes: 1,
  gatherMs: 0,
  maxBatchWeight: 10,
  maxWaitingWeight: 30,
  weigh: (request) => Math.abs(request),
  run: async (requests) => requests.map(String),
};

test("what comes at once runs as batches of bounded weight, in order", async () => {
  const batches: (readonly number[])[] = [];
  const submit = gatherRequests<number, string>({
    ...options,
    run: async (requests) => {
      batches.push(requests);
      return requests.map(String);
    },
  });
  expect(await Promise.all([4, 6, 1, 12, 2].map(submit))).toEqual(["4", "6", "1", "12", "2"]);
  expect(batches).toEqual([[4, 6], [1], [12], [2]]);
});

test("an outcome that is an error refuses its request alone", async () => {
  const submit = gatherRequests<number, string>({
    ...options,
    run: async (requests) => requests.map((n) => (n < 0 ? new Error(`no ${n}`) : `yes ${n}`)),
  });
  const settled = await Promise.allSettled([1, -2, 3].map(submit));
  expect(settled.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
});

test("a batch that fails is tried request by request", async () => {
  const submit = gatherRequests<number, string>({
    ...options,
    run: async (requests) => {
      if (requests.includes(-2)) throw new Error("broken");
      return requests.map(String);
    },
  });
  const settled = await Promise.allSettled([1, -2, 3].map(submit));
  expect(settled.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
});

test("no more lanes run than allowed, and too much waiting is refused", async () => {
  const gates: (() => void)[] = [];
  const submit = gatherRequests<number, string>({
    ...options,
    lanes: 2,
    run: async (requests) => {
      await new Promise<void>((resolve) => gates.push(resolve));
      return requests.map(String);
    },
  });
  const first = submit(10);
  const accepted = [first, submit(10), submit(10)];
  await expect(submit(1)).rejects.toMatchObject({ code: "overloaded" });
  await expect.poll(() => gates.length).toBe(2);
  gates[0]?.();
  await first;
  await expect.poll(() => gates.length).toBe(3);
  for (const open of gates) open();
  expect(await Promise.all(accepted)).toEqual(["10", "10", "10"]);
});
