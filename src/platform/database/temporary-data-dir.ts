import { lstatSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findPostmaster, isAlive, stopPostmaster } from "./embedded/postmaster.ts";

const PREFIX = "ledgerline-";

/** Stops and removes what killed processes left: the folder's name carries its owner's id. */
async function sweep(): Promise<void> {
  for (const name of readdirSync(tmpdir())) {
    const owner = /^ledgerline-[a-z]+-(\d+)-/.exec(name)?.[1];
    if (owner === undefined || isAlive(Number(owner))) continue;
    const folder = join(tmpdir(), name);
    // What another user put into the shared temporary folder is none of our business.
    const found = lstatSync(folder, { throwIfNoEntry: false });
    if (!found?.isDirectory() || found.uid !== process.getuid?.()) continue;
    const server = findPostmaster(join(folder, "postgres", "cluster"));
    if (server !== undefined) await stopPostmaster(server.pid);
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * A fresh data folder for an embedded database that nobody needs afterwards (`purpose`: "demo",
 * "test"). The caller removes it after stopping the database; folders of killed owners are removed
 * here.
 */
export async function createTemporaryDataDir(purpose: string): Promise<string> {
  await sweep();
  return mkdtempSync(join(tmpdir(), `${PREFIX}${purpose}-${process.pid}-`));
}
