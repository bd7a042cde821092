import { expect, test } from "vitest";
import type { AcceptedWrite, Step, WriteResult } from "../providers/delivery-step.ts";
import type { AnyProvider } from "../providers/provider.ts";
import { openLooks } from "./delivery-looks.ts";

const KNOWN = { externalId: "doc_1", begun: [] } as never;
const REQUEST = { method: "POST", path: "/documents", params: {} } as const;
const write = (name: string): Extract<Step, { step: "write" }> => ({
  step: "write",
  name,
  request: REQUEST,
});

/** A provider whose looks answer what stands there and whose next step is named after it. */
function looksAt(standing: { now: string }, result: WriteResult) {
  const seen: string[] = [];
  const provider = {
    async observe() {
      seen.push("look");
      return standing.now;
    },
    execute: async () => result,
    afterWrite: (_document: unknown, _before: unknown, { reply }: AcceptedWrite) =>
      reply === "all" ? "told" : undefined,
    nextStep: (_document: unknown, observed: string) => write(observed),
  } as unknown as AnyProvider;
  return { looks: openLooks(provider, {} as never, {}), seen };
}

test("what a write tells takes the place of one look, and of no second", async () => {
  const { looks, seen } = looksAt({ now: "there" }, { outcome: "accepted", reply: "all" });
  await looks.look(KNOWN);
  expect(await looks.execute(REQUEST, "key"), "the reply goes no further").toEqual({
    outcome: "accepted",
  });
  expect((await looks.look(KNOWN)).observed).toBe("told");
  expect((await looks.look(KNOWN)).observed).toBe("there");
  expect(seen).toEqual(["look", "look"]);
});

test.each<[string, WriteResult]>([
  ["tells too little", { outcome: "accepted", reply: "some" }],
  ["only repeats an old answer", { outcome: "accepted" }],
  ["is refused", { outcome: "rejected", code: "x", message: "No", replayed: false }],
  ["has an unknown outcome", { outcome: "retry", message: "?", newKey: false }],
])("after a write that %s comes a look", async (_what, result) => {
  const { looks } = looksAt({ now: "there" }, result);
  await looks.look(KNOWN);
  await looks.execute(REQUEST, "key");
  expect((await looks.look(KNOWN)).observed).toBe("there");
});

test.each([
  ["told", "there", true, "somebody changed what stood there"],
  ["told", "told", false, "the step stays the same: the refusal counts"],
])(
  "a step decided from %s that is refused while %s stands: %s, because %s",
  async (name, now, leads) => {
    const standing = { now: "before" };
    const { looks, seen } = looksAt(standing, { outcome: "accepted", reply: "all" });
    await looks.look(KNOWN);
    expect(await looks.leadsElsewhere(write("before")), "a look had decided").toBe(false);
    await looks.execute(REQUEST, "key");
    await looks.look(KNOWN);
    standing.now = now;
    expect(await looks.leadsElsewhere(write(name))).toBe(leads);
    expect((await looks.look(KNOWN)).observed, "that look is the next one").toBe(now);
    expect(seen).toEqual(["look", "look"]);
  },
);
