import { expect, test } from "vitest";
import { readFault } from "./faults.ts";
import { readAnswer } from "./read-answer.ts";

const xml = (code: string, message = "Something") =>
  `<?xml version="1.0"?><IntuitResponse time="t"><Fault type="x"><Error code="${code}"><Message>${message}</Message><Detail>secret</Detail></Error></Fault></IntuitResponse>`;

test.each([
  [403, xml("3001"), "throttled", "3001"],
  [403, xml("003001"), "throttled", "3001"],
  [429, xml("3001"), "throttled", "3001"],
  [401, xml("3200"), "access", "3200"],
  [401, xml("120"), "access", "120"],
  [403, xml("3100"), "access", "3100"],
  [403, "<html><body>Forbidden</body></html>", "access", "forbidden"],
  [400, xml("6210", "Account Period Closed"), "refused", "6210"],
  [500, xml("10000"), "unknown", "10000"],
  [502, "<html><body>Sorry</body></html>", "unknown", "10000"],
  [200, "<IntuitResponse/>", "unknown", "10000"],
])("%s %s asks for: %s, as %s", (status, text, reaction, code) => {
  const fault = readFault(status, readAnswer(text), undefined);
  expect(fault).toMatchObject({ reaction, code });
  expect(fault?.message).not.toContain("secret");
});

test("JSON is what it says, and what is neither is nothing", () => {
  expect(readAnswer('{"Invoice": {"Id": "1"}}')).toEqual({ Invoice: { Id: "1" } });
  expect(readAnswer("")).toBeUndefined();
});
