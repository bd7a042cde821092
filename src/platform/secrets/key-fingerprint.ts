import { type Kysely, sql } from "kysely";

const FACT = "credentials_key_fingerprint";

/**
 * Remembers which key the stored credentials were written with. Throws when another one is given:
 * starting with it would leave every connection unreadable.
 */
export async function checkKeyFingerprint<Tables>(
  db: Kysely<Tables>,
  fingerprint: string,
): Promise<void> {
  await sql`insert into instance_facts (name, value) values (${FACT}, ${fingerprint})
    on conflict (name) do nothing`.execute(db);
  const { rows } = await sql<{ value: string }>`select value from instance_facts
    where name = ${FACT}`.execute(db);
  if (rows[0]?.value === fingerprint) return;
  throw new Error(
    "CREDENTIALS_KEY is not the key that this database's credentials were encrypted with. Start with the former key.",
  );
}
