import type { Repair } from "../../reconciliation.ts";
import type { StripeLine } from "../document.ts";
import { CREATE_PATH, LINE_KEY, toAddLines } from "../next-step.ts";
import { hasOtherAmount, LINE_SUBJECT, matchLines } from "./compare-lines.ts";
import { standingOf } from "./inspect.ts";
import { post, type RepairFacts, refuse } from "./repair-facts.ts";
import { replace } from "./replace.ts";

const removal = (facts: RepairFacts, lineId: string) => ({
  name: "remove",
  request: post(`${CREATE_PATH}/${facts.observed.invoice.id}/remove_lines`, {
    lines: [{ id: lineId, behavior: "delete" }],
  }),
});

const addition = (facts: RepairFacts, line: StripeLine) => ({
  name: "add",
  request: toAddLines(facts.observed.invoice.id ?? "", [line], facts.document.currency),
});

/** A line whose amount is right but whose text is not, on a document that is final. */
const TEXT_ONLY =
  "The document is final and its text cannot be changed any more; the amount is right.";

/**
 * Puts lines right: on a draft each by itself, with the key by which it is recognised; a final document
 * is never edited. Pure.
 */
export function repairLines(facts: RepairFacts): Repair {
  const { discrepancy, document, observed } = facts;
  const { subject } = discrepancy;
  const { pairs, unkeyed } = matchLines(document, observed.lines);
  const isDraft = standingOf(observed) === "draft";
  const pair = pairs.find(({ want }) => want.key === subject);
  if (!isDraft) {
    const isText =
      subject.startsWith(LINE_SUBJECT) ||
      (pair !== undefined && !hasOtherAmount(pair.want, pair.line));
    return isText ? refuse(TEXT_ONLY) : replace(facts);
  }
  const bare = unkeyed.find(({ want }) => `${LINE_SUBJECT}${want.key}` === subject);
  if (bare !== undefined) {
    const path = `${CREATE_PATH}/${observed.invoice.id}/update_lines`;
    const lines = [{ id: bare.line.id, metadata: { [LINE_KEY]: bare.want.key } }];
    return {
      outcome: "act",
      action: "restore_metadata",
      description: "Put back the key by which the line is recognised.",
      writes: [{ name: "key", request: post(path, { lines }) }],
    };
  }
  const want = document.lines.find(({ key }) => key === subject);
  if (want === undefined) {
    return {
      outcome: "act",
      action: "remove_line",
      description: "Remove the line from the draft.",
      writes: [removal(facts, subject)],
    };
  }
  return {
    outcome: "act",
    action: pair === undefined ? "add_line" : "replace_line",
    description: "Put the line back as it was sent.",
    writes: [...(pair === undefined ? [] : [removal(facts, pair.line.id)]), addition(facts, want)],
  };
}
