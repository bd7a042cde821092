import { type ChildProcess, spawn } from "node:child_process";
import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type ClusterHome, openForUser, programEnvironment } from "./cluster.ts";

/** The server process that postmaster.pid names. */
export interface PostmasterFile {
  readonly pid: number;
  readonly port: number | undefined;
}

const MAX_LOG_BYTES = 8 * 1024 * 1024;
const STOP_TIMEOUT_MS = 30_000;

/**
 * Little memory (server and database together stay under 400 MB) and short recovery: a kill costs
 * at most the replay of max_wal_size. Commits reach the disk before they are answered.
 */
const SETTINGS = [
  "listen_addresses=127.0.0.1",
  "unix_socket_directories=",
  "max_connections=100",
  "shared_buffers=96MB",
  "work_mem=8MB",
  "maintenance_work_mem=48MB",
  "effective_cache_size=512MB",
  "max_wal_size=256MB",
  "min_wal_size=64MB",
  "checkpoint_timeout=5min",
  "wal_level=minimal",
  "max_wal_senders=0",
  "io_method=sync",
  "max_worker_processes=4",
  "max_parallel_workers=2",
  "autovacuum_max_workers=2",
  // Queues grow from nothing and shrink again within seconds: what is known of them must not be old.
  "autovacuum_naptime=10s",
  "jit=off",
  "timezone=UTC",
  "log_timezone=UTC",
  "log_checkpoints=off",
];

/** For throw-away databases: nothing survives a crash of the machine, everything is faster. */
const VOLATILE_SETTINGS = [
  "fsync=off",
  "full_page_writes=off",
  "synchronous_commit=off",
  "max_connections=300",
];

const pidFile = (cluster: string): string => join(cluster, "postmaster.pid");

/** Where the server writes what it has to say. */
export const logFile = (home: ClusterHome): string => join(home.folder, "postgres.log");

/** Reads postmaster.pid, or undefined when there is none or it is not complete yet. */
function readPostmasterFile(cluster: string): PostmasterFile | undefined {
  if (!existsSync(pidFile(cluster))) return undefined;
  const lines = readFileSync(pidFile(cluster), "utf8").split("\n");
  const pid = Number(lines[0]);
  const port = Number(lines[3]);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  return { pid, port: Number.isInteger(port) && port > 0 ? port : undefined };
}

/** Dead, but not yet collected by its parent: in a container nobody may ever do that. */
function isZombie(pid: number): boolean {
  if (process.platform !== "linux") return false;
  try {
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/** Whether a process with this id runs. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** False when the id certainly belongs to another program: after a reboot ids start again. */
function isPostmasterOf(cluster: string, pid: number): boolean {
  if (!isAlive(pid)) return false;
  if (process.platform !== "linux") return true;
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(cluster);
  } catch {
    return false;
  }
}

/** The server that runs on this cluster now; a pid file left by a dead one is removed. */
export function findPostmaster(cluster: string): PostmasterFile | undefined {
  const found = readPostmasterFile(cluster);
  if (found === undefined || isPostmasterOf(cluster, found.pid)) return found;
  rmSync(pidFile(cluster), { force: true });
  return undefined;
}

function openLog(home: ClusterHome): number {
  const path = logFile(home);
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > MAX_LOG_BYTES) renameSync(path, `${path}.1`);
  return openSync(path, "a", 0o600);
}

/**
 * Starts the server. It is a process group of its own, so that Ctrl-C in a terminal reaches us and
 * not the database before we have stopped cleanly, and it logs to a file, which outlives us.
 */
export function spawnPostmaster(home: ClusterHome, port: number, durable: boolean): ChildProcess {
  const opened = openForUser(home);
  const log = openLog(home);
  const settings = durable ? SETTINGS : [...SETTINGS, ...VOLATILE_SETTINGS];
  try {
    const child = spawn(
      home.binaries.postgres,
      [
        "-D",
        `${opened.path}/cluster`,
        "-p",
        String(port),
        ...settings.flatMap((setting) => ["-c", setting]),
      ],
      {
        ...home.user,
        cwd: "/",
        env: programEnvironment(),
        detached: true,
        stdio: ["ignore", log, log, opened.stdio],
      },
    );
    child.on("error", () => {});
    child.unref();
    return child;
  } finally {
    closeSync(log);
    opened.close();
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has gone by itself.
  }
}

async function waitUntilGone(pid: number, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (isAlive(pid)) {
    if (Date.now() > deadline) return false;
    await pause(10);
  }
  return true;
}

/** Stops the server: cleanly (sessions are ended), by force when that takes too long. */
export async function stopPostmaster(pid: number): Promise<void> {
  signal(pid, "SIGINT");
  if (await waitUntilGone(pid, STOP_TIMEOUT_MS)) return;
  signal(pid, "SIGQUIT");
  await waitUntilGone(pid, STOP_TIMEOUT_MS);
}

/** The last lines of the server's log, to be quoted when it does not start. */
export function logTail(home: ClusterHome): string {
  if (!existsSync(logFile(home))) return "";
  return readFileSync(logFile(home), "utf8").trimEnd().split("\n").slice(-5).join("\n");
}
