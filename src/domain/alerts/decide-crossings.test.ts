import { expect, test } from "vitest";
import { type AlertState, type AlertStatus, decideCrossings } from "./decide-crossings.ts";
import { type Reading, WHOLE } from "./reading.ts";

const reading = (subject: string, isReached: boolean): Reading => ({
  subject,
  isReached,
  facts: {},
});
const state = (
  subject: string,
  status: AlertStatus,
  crossings = 0,
  isQuiet = false,
): AlertState => ({ subject, status, crossings, isQuiet });

const show = (readings: Reading[], states: AlertState[]) => {
  const { changes, crossings } = decideCrossings(readings, states);
  const name = (subject: string) => (subject === WHOLE ? "whole" : subject);
  return {
    told: crossings.map(({ reading: { subject }, sequence }) => `${name(subject)} #${sequence}`),
    kept: changes.map(
      ({ subject, status, crossings: times, isQuiet }) =>
        `${name(subject)} ${status} ${times}${isQuiet ? " quiet" : ""}`,
    ),
  };
};

test.each<[string, Reading[], AlertState[], string[], string[]]>([
  ["the first look finds nothing", [reading(WHOLE, false)], [], [], ["whole ok 0"]],
  [
    "the first look finds it reached",
    [reading(WHOLE, true)],
    [],
    ["whole #1"],
    ["whole in_alarm 1"],
  ],
  ["nothing is measured", [], [], [], ["whole ok 0"]],
  [
    "it is reached now",
    [reading(WHOLE, true)],
    [state(WHOLE, "ok")],
    ["whole #1"],
    ["whole in_alarm 1"],
  ],
  ["it is still reached", [reading(WHOLE, true)], [state(WHOLE, "in_alarm", 1)], [], []],
  ["it is still not reached", [reading(WHOLE, false)], [state(WHOLE, "ok", 1)], [], []],
  ["it went back", [reading(WHOLE, false)], [state(WHOLE, "in_alarm", 1)], [], ["whole ok 1"]],
  ["what was measured is gone", [], [state(WHOLE, "in_alarm", 3)], [], ["whole ok 3"]],
  [
    "it is reached for the second time",
    [reading(WHOLE, true)],
    [state(WHOLE, "ok", 1)],
    ["whole #2"],
    ["whole in_alarm 2"],
  ],
  [
    "it was reset while it was reached",
    [reading(WHOLE, true)],
    [state(WHOLE, "evaluating", 1)],
    ["whole #2"],
    ["whole in_alarm 2"],
  ],
  [
    "it was reached before there was an alert",
    [reading(WHOLE, true)],
    [state(WHOLE, "evaluating", 0, true)],
    [],
    ["whole in_alarm 0"],
  ],
  [
    "nothing was to be kept quiet",
    [reading(WHOLE, false)],
    [state(WHOLE, "evaluating", 0, true)],
    [],
    ["whole ok 0"],
  ],
])("of a customer: %s", (_reason, readings, states, told, kept) => {
  expect(show(readings, states)).toEqual({ told, kept });
});

test.each<[string, Reading[], AlertState[], string[], string[]]>([
  [
    "one of two is reached",
    [reading("a", true), reading("b", false)],
    [],
    ["a #1"],
    ["a in_alarm 1", "whole in_alarm 0"],
  ],
  [
    "the other follows",
    [reading("a", true), reading("b", true)],
    [state(WHOLE, "in_alarm"), state("a", "in_alarm", 1)],
    ["b #1"],
    ["b in_alarm 1"],
  ],
  [
    "one is gone, the other stays",
    [reading("b", true)],
    [state(WHOLE, "in_alarm"), state("a", "in_alarm", 1), state("b", "in_alarm", 1)],
    [],
    ["a ok 1"],
  ],
  [
    "the last one is gone",
    [],
    [state(WHOLE, "in_alarm"), state("a", "ok", 1), state("b", "in_alarm", 1)],
    [],
    ["b ok 1", "whole ok 0"],
  ],
  [
    "one comes back",
    [reading("a", true)],
    [state(WHOLE, "ok"), state("a", "ok", 1)],
    ["a #2"],
    ["a in_alarm 2", "whole in_alarm 0"],
  ],
  [
    "all that is reached at a quiet first look stays untold",
    [reading("a", true), reading("b", true)],
    [state(WHOLE, "evaluating", 0, true)],
    [],
    ["a in_alarm 0", "b in_alarm 0", "whole in_alarm 0"],
  ],
])("of several things: %s", (_reason, readings, states, told, kept) => {
  const { told: actual, kept: changes } = show(readings, states);
  expect({ told: actual, kept: changes.sort() }).toEqual({ told, kept });
});
