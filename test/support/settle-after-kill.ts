import { sql } from "kysely";
import { expect } from "vitest";
import type { TestServer } from "./server.ts";

/** The dead server's leases run out by themselves after minutes; the test does not wait for that. */
export async function expireLeases(db: TestServer["db"]): Promise<void> {
  const past = sql`clock_timestamp() - interval '1 second'`;
  await sql`update core_jobs set lease_until = ${past} where lease_until is not null`.execute(db);
  await sql`update clocks set advance_lease_until = ${past}
    where advance_lease_until is not null`.execute(db);
}

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
