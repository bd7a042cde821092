import { expect, test } from "vitest";
import { instant, instantText } from "../../domain/time.ts";
import { nextAttemptAt } from "./retry-schedule.ts";

test.each<[number, string | undefined, string]>([
  [1, "2024-01-04T00:00:00Z", "three days after the first"],
  [2, "2024-01-06T00:00:00Z", "five days after the second"],
  [3, "2024-01-08T00:00:00Z", "seven days after the third"],
  [4, undefined, "the fourth was the last"],
])("after attempt %s comes %s: %s", (attempts, expected) => {
  const next = nextAttemptAt([3, 5, 7], attempts, instant("2024-01-01T00:00:00Z"));
  expect(next && instantText(next)).toBe(expected);
});
