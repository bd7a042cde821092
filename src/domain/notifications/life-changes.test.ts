import { expect, test } from "vitest";
import { at } from "../../../test/support/sample-snapshot.ts";
import { instantText } from "../time.ts";
import type { CommitLife } from "./life.ts";
import { lifeChanges, type RecordedLife } from "./life-changes.ts";

const ID = "0b6ff3a1-8d60-4b1c-9d3b-5f0b2e0a4c11";

const commit = (terms: Partial<CommitLife> = {}, text = "terms"): RecordedLife => ({
  life: {
    kind: "commit",
    id: ID,
    contractId: null,
    createdAt: at("2024-01-10"),
    archivedAt: null,
    edits: [],
    recurringId: null,
    segments: [],
    ...terms,
  },
  terms: text,
});

const contract = (editIds: readonly string[]): RecordedLife => ({
  life: {
    kind: "contract",
    id: ID,
    contractId: ID,
    createdAt: at("2024-01-10"),
    archivedAt: null,
    edits: editIds.map((id) => ({ id, at: at("2024-01-20") })),
    startingAt: at("2024-01-01"),
    endingBefore: null,
  },
  terms: "",
});

const now = at("2024-02-01");
const archived = { archivedAt: now };

test.each<[string, RecordedLife[], RecordedLife[], string[]]>([
  ["nothing changed", [commit()], [commit()], []],
  ["it is new", [], [commit()], ["commit.create 2024-01-10"]],
  [
    "it is new and did not last",
    [],
    [commit(archived)],
    ["commit.create 2024-01-10", "commit.archive 2024-02-01"],
  ],
  ["its terms changed", [commit()], [commit({}, "others")], ["commit.edit 2024-02-01"]],
  ["it was archived", [commit()], [commit(archived)], ["commit.archive 2024-02-01"]],
  ["it was archived before", [commit(archived)], [commit(archived)], []],
  [
    "it was changed and archived",
    [commit()],
    [commit(archived, "others")],
    ["commit.edit 2024-02-01", "commit.archive 2024-02-01"],
  ],
  ["it is not there any more", [commit()], [], ["commit.archive 2024-02-01"]],
  ["it was archived and is not there any more", [commit(archived)], [], []],
  [
    "a contract's history grew",
    [contract(["a"])],
    [contract(["a", "b"])],
    ["contract.edit 2024-01-20"],
  ],
])("%s", (_name, before, after, expected) => {
  const acts = lifeChanges(before, after, now).flatMap((change) => change.acts);
  expect(acts.map(({ type, at: when }) => `${type} ${instantText(when).slice(0, 10)}`)).toEqual(
    expected,
  );
});

test("the same edit made again is another one, and seen again it is the same", () => {
  const [first] = lifeChanges([commit()], [commit({}, "others")], now);
  const edits = first?.edit === undefined ? [] : [first.edit];
  const [seenAgain] = lifeChanges([commit()], [commit({}, "others")], now);
  const [madeAgain] = lifeChanges([commit({ edits })], [commit({ edits }, "others")], now);
  expect(seenAgain?.edit?.id).toBe(first?.edit?.id);
  expect(madeAgain?.edit?.id).not.toBe(first?.edit?.id);
  // What is planned from here on knows of the edit.
  expect(first?.life.edits).toEqual(edits);
});
