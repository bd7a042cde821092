import pg from "pg";

/** What a query that pg has no class for must be. */
interface CopyQuery {
  submit(connection: { query(text: string): void }): void;
  handleCopyData(message: { chunk: Buffer }): void;
  handleCommandComplete(): void;
  handleReadyForQuery(): void;
  handleError(error: Error): void;
}

/** Copies what a query finds out of the database and drops it; answers the bytes and the seconds. */
export async function copyOut(
  databaseUrl: string,
  select: string,
): Promise<{ bytes: number; seconds: number }> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  const start = performance.now();
  let bytes = 0;
  await new Promise<void>((resolve, reject) => {
    const copy: CopyQuery = {
      submit: (connection) => connection.query(`copy (${select}) to stdout`),
      handleCopyData({ chunk }) {
        bytes += chunk.length;
      },
      handleCommandComplete: () => {},
      handleReadyForQuery: () => resolve(),
      handleError: reject,
    };
    client.query(copy as unknown as pg.Submittable);
  });
  const seconds = (performance.now() - start) / 1000;
  await client.end();
  return { bytes, seconds };
}
