import { type App, openApp } from "./app.ts";
import { ConfigError, readConfig } from "./config.ts";

/** Long enough for the work in hand; then the process ends all the same. */
const STOP_PATIENCE_MS = 25_000;

function announce(app: App): void {
  const { generated } = app;
  const lines = [
    `core ${app.url}`,
    app.collectUrl === undefined ? undefined : `collect ${app.collectUrl}`,
    generated.sandboxApiToken && `sandbox token ${generated.sandboxApiToken}`,
    generated.productionApiToken && `production token ${generated.productionApiToken}`,
    generated.collectSecretKey && `collect key ${generated.collectSecretKey}`,
  ];
  process.stdout.write(`${lines.filter(Boolean).join("\n")}\n`);
}

function stopOnSignal(app: App): void {
  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(1), STOP_PATIENCE_MS).unref();
    await app.close();
    process.exit(0);
  };
  process.on("SIGTERM", () => void stop());
  process.on("SIGINT", () => void stop());
}

/**
 * Runs the server in the foreground until a signal stops it. What a person needs (addresses, new
 * tokens) goes to standard output, logs to standard error. A bad setting is one clear sentence.
 */
export async function runServer(): Promise<void> {
  try {
    const app = await openApp(readConfig(process.env));
    stopOnSignal(app);
    announce(app);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`Ledgerline could not start: ${message}\n`);
    if (!(error instanceof ConfigError) && error instanceof Error)
      process.stderr.write(`${error.stack}\n`);
    process.exit(1);
  }
}
