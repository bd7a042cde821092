import { expect, test } from "vitest";
import { at } from "../../../test/support/sample-snapshot.ts";
import { assert } from "../../errors.ts";
import { instantText } from "../time.ts";
import type { CommitLife, ContractLife, Life } from "./life.ts";
import { LIFECYCLE_TYPES, type LifecycleType } from "./lifecycle-types.ts";
import {
  actNotices,
  firstNoticeAt,
  type Notice,
  type NotificationRule,
  noticeId,
  plannedNotices,
} from "./notices.ts";
import { readOffset } from "./offset-duration.ts";

const ID = "0b6ff3a1-8d60-4b1c-9d3b-5f0b2e0a4c11";

const contract = (terms: Partial<ContractLife> = {}): ContractLife => ({
  kind: "contract",
  id: ID,
  contractId: ID,
  createdAt: at("2024-01-10"),
  archivedAt: null,
  edits: [],
  startingAt: at("2024-02-01"),
  endingBefore: at("2025-02-01"),
  ...terms,
});

const commit = (terms: Partial<CommitLife> = {}): CommitLife => ({
  kind: "commit",
  id: ID,
  contractId: null,
  createdAt: at("2024-01-10"),
  archivedAt: null,
  edits: [],
  recurringId: null,
  segments: [
    { id: "first", startingAt: at("2024-02-01"), endingBefore: at("2024-03-01") },
    { id: "second", startingAt: at("2024-03-01"), endingBefore: at("2024-04-01") },
  ],
  ...terms,
});

function rule(type: LifecycleType, text?: string, from = "2024-01-01"): NotificationRule {
  if (text === undefined) return { type, offset: null, activeFrom: at(from) };
  const duration = readOffset(text);
  assert(duration !== undefined, `${text} is an offset`);
  return { type, offset: { id: ID, text, duration }, activeFrom: at(from) };
}

const show = ({ event, at: told }: Notice) =>
  `${event.type} ${event.segment?.index ?? "-"} ${instantText(told)}`;

const all = LIFECYCLE_TYPES.map((type) => rule(type));
const edited = [{ id: "edit", at: at("2024-01-20") }];
const archivedAt = at("2024-02-10");

test.each<[string, Life, NotificationRule[], string[]]>([
  [
    "the edges of a contract are planned, what somebody did is not",
    contract(),
    all,
    ["contract.start - 2024-02-01T00:00:00Z", "contract.end - 2025-02-01T00:00:00Z"],
  ],
  [
    "without an end there is none to tell",
    contract({ endingBefore: null }),
    all,
    ["contract.start - 2024-02-01T00:00:00Z"],
  ],
  [
    "each segment starts and ends, and touching ones do both at once",
    commit(),
    all,
    [
      "commit.segment.start 0 2024-02-01T00:00:00Z",
      "commit.segment.start 1 2024-03-01T00:00:00Z",
      "commit.segment.end 0 2024-03-01T00:00:00Z",
      "commit.segment.end 1 2024-04-01T00:00:00Z",
    ],
  ],
  ["credits are not commits", commit({ kind: "credit" }), [rule("commit.segment.start")], []],
  [
    "offsets of what was done count from when it was done",
    contract({ edits: edited }),
    [rule("contract.create", "P1D"), rule("contract.edit", "PT2H")],
    ["contract.create - 2024-01-11T00:00:00Z", "contract.edit - 2024-01-20T02:00:00Z"],
  ],
  [
    "an offset before the end",
    contract(),
    [rule("contract.end", "-P7D")],
    ["contract.end - 2025-01-25T00:00:00Z"],
  ],
  [
    "a month before March 1 is February 1, before March 31 the last of February",
    commit({
      segments: [
        { id: "a", startingAt: at("2024-03-01"), endingBefore: at("2024-03-31") },
        { id: "b", startingAt: at("2024-03-31"), endingBefore: at("2024-05-31") },
      ],
    }),
    [rule("commit.segment.start", "-P1M")],
    ["commit.segment.start 0 2024-02-01T00:00:00Z", "commit.segment.start 1 2024-02-29T00:00:00Z"],
  ],
  [
    "what was to be told before the notification was is not told",
    commit(),
    [rule("commit.segment.start", "-P7D", "2024-02-01")],
    ["commit.segment.start 1 2024-02-23T00:00:00Z"],
  ],
  [
    "at the instant from which it counts it is told",
    contract(),
    [rule("contract.start", undefined, "2024-02-01")],
    ["contract.start - 2024-02-01T00:00:00Z"],
  ],
  [
    "of what is archived only that is left",
    contract({ archivedAt, edits: edited }),
    [...all, rule("contract.edit", "P1M"), rule("contract.archive", "P1D")],
    ["contract.archive - 2024-02-11T00:00:00Z"],
  ],
  [
    "a child is told as it comes into being, when its time was before that",
    commit({ recurringId: ID }),
    [rule("commit.segment.start", "-P1M")],
    ["commit.segment.start 0 2024-01-10T00:00:00Z", "commit.segment.start 1 2024-02-01T00:00:00Z"],
  ],
  [
    "but not of a segment that had begun by then",
    commit({ recurringId: ID, createdAt: at("2024-02-20") }),
    [rule("commit.segment.start", "-P1M")],
    ["commit.segment.start 0 2024-01-01T00:00:00Z", "commit.segment.start 1 2024-02-20T00:00:00Z"],
  ],
])("%s", (_name, life, rules, expected) => {
  expect(plannedNotices(life, rules).map(show)).toEqual(expected);
});

test("acts are told at once where that is on, and never by an offset", () => {
  const act = { type: "contract.create", at: at("2024-01-10"), of: "" } as const;
  const rules = [rule("contract.create"), rule("contract.create", "P1D"), rule("contract.edit")];
  expect(actNotices(contract(), [act], rules).map(show)).toEqual([
    "contract.create - 2024-01-10T00:00:00Z",
  ]);
});

test("the first of several is the next one; of none there is none", () => {
  const notices = plannedNotices(commit(), [
    rule("commit.segment.end"),
    rule("commit.segment.start"),
  ]);
  expect(firstNoticeAt(notices)?.toString()).toBe("2024-02-01T00:00:00Z");
  expect(firstNoticeAt([])).toBeUndefined();
});

test("a message's id follows from the notification, the thing, the event and its instant", () => {
  const idOf = (life: Life, ...rules: NotificationRule[]) =>
    plannedNotices(life, rules).map((notice) => noticeId(life, notice));
  const end = rule("contract.end");
  const before = rule("contract.end", "-P7D");
  const moved = contract({ endingBefore: at("2025-03-01") });
  const ids = [
    ...idOf(contract(), end, before, rule("contract.end", "-P8D"), rule("contract.start")),
    ...idOf(moved, end, before),
    ...idOf(commit(), rule("commit.segment.start"), rule("commit.segment.end")),
  ];
  expect(new Set(ids).size).toBe(ids.length);
  expect(idOf(contract(), end, before)).toEqual(ids.slice(0, 2));
});
