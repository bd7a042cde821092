import { expect, test } from "vitest";
import {
  at,
  commit,
  flat,
  rateOne,
  row,
  segment,
  showLines,
  usageProduct,
  used,
} from "../../../test/support/sample-snapshot.ts";
import type { Commit } from "../commits/commit.ts";

const perSeat = (
  id: string,
  amounts: Readonly<Record<string, string>>,
  rest: Partial<Commit> = {},
) => {
  const seats = Object.keys(amounts);
  const credit = commit(
    id,
    "CREDIT",
    seats.map((seatId) => segment(amounts[seatId] ?? "", "2024-01-01", "2024-02-01")),
    rest,
  );
  return {
    ...credit,
    segments: credit.segments.map((part, n) => ({
      ...part,
      id: `${id}/${seats[n]}`,
      seat: { groupKey: "user", seatId: seats[n] ?? "" },
    })),
  };
};

/** 10 tokens of ann, 4 of bob, 2 of nobody's, at 100 each. */
const sample = (commits: readonly Commit[], key: "pricing" | "presentation" = "presentation") => ({
  products: [
    usageProduct(
      "tokens",
      key === "pricing" ? { pricingGroupKey: ["user"] } : { presentationGroupKey: ["user"] },
    ),
  ],
  rates:
    key === "pricing"
      ? ["ann", "bob", "zoe"].map((user) =>
          flat("tokens", "100", "2020-01-01", { id: user, pricingGroupValues: { user } }),
        )
      : [flat("tokens", "100")],
  rollups: [
    used(
      "tokens",
      row("2024-01-05", "10", { user: "ann" }),
      row("2024-01-06", "4", { user: "bob" }),
      row("2024-01-07", "2", { user: "zoe" }),
    ),
  ],
  commits,
});

test.each(["presentation", "pricing"] as const)(
  "a seat burns its own part alone, by %s value",
  (key) => {
    const credit = perSeat("plan", { ann: "600", bob: "600" });
    expect(showLines(rateOne(sample([credit], key)))).toEqual([
      "tokens [user: ann] 6 x 100 = 600 <- plan/ann",
      "tokens [user: bob] 4 x 100 = 400 <- plan/bob",
      "plan applied [user: ann] = -600 <- plan/ann",
      "plan applied [user: bob] = -400 <- plan/bob",
      "tokens [user: ann] 4 x 100 = 400",
      "tokens [user: zoe] 2 x 100 = 200",
    ]);
  },
);

test("what a seat has not is paid by what serves all, in burn order", () => {
  const own = perSeat("own", { ann: "300" });
  const first = commit("first", "CREDIT", [segment("500", "2024-01-01", "2024-02-01")], {
    priority: perSeat("low", {}).priority.minus("1"),
  });
  const invoice = rateOne(sample([own, first]));
  // The pool of lower priority goes first: 500 for ann, then her own 300; 200 of hers is left.
  expect(showLines(invoice)).toEqual([
    "tokens [user: ann] 5 x 100 = 500 <- first/0",
    "tokens [user: ann] 3 x 100 = 300 <- own/ann",
    "first applied [user: ann] = -500 <- first/0",
    "own applied [user: ann] = -300 <- own/ann",
    "tokens [user: ann] 2 x 100 = 200",
    "tokens [user: bob] 4 x 100 = 400",
    "tokens [user: zoe] 2 x 100 = 200",
  ]);
});

test("usage that names no seat burns none", () => {
  const credit = perSeat("plan", { ann: "600" });
  const invoice = rateOne({
    ...sample([credit]),
    products: [usageProduct("tokens")],
    rollups: [used("tokens", row("2024-01-05", "10"))],
  });
  expect(showLines(invoice)).toEqual(["tokens 10 x 100 = 1000"]);
});

test("the trace tells which segment paid", () => {
  const credit = perSeat("plan", { ann: "600" });
  const [line] = rateOne(sample([credit])).lines;
  expect(line?.trace.at(-1)).toMatchObject({ step: "commit", segmentId: "plan/ann" });
  expect(line?.startingAt?.equals(at("2024-01-01"))).toBe(true);
});
