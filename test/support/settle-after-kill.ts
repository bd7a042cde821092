import { expect } from "vitest";
import type { TestServer } from "./server.ts";

/** Sends the same instant again, as a caller whose advance was cut off does. */
export async function settle(server: TestServer, now: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const { status } = await server.send("POST", "/v1/sandbox/clock", { now });
    if (status === 200) return;
    expect(status, "the resumed advance is still on its way").toBe(409);
    if (attempt === 200) throw new Error("the advance did not end");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
