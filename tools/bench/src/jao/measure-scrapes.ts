// Starts an exporter, scrapes it, 20 at once, and prints as JSON how long the slowest of a hundred took, in
// milliseconds, how many samples it told, and its largest resident memory while it was scraped, in bytes.
// Arguments: the launcher, the status file, and how many rounds of 20. The exporter has this process'
// environment, which names the database.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import type { IncomingMessage } from 'node:http';

const atOnce = 20;
/** Until connections, plans and compiled code are there. */
const warmUpRounds = 10;
const [, , launcher = '', statusFile = '', rounds = '10'] = process.argv;

const settings = ['--port', '0', '--max-series', '0', '--votes-status', statusFile];
const exporter = spawn(process.execPath, [launcher, ...settings], {
  stdio: ['ignore', 'ignore', 'pipe'],
});
const ended = once(exporter, 'exit');
const agent = new Agent({ keepAlive: true });
try {
  const url = await readUrl();
  for (let round = 0; round < warmUpRounds; round += 1) {
    await scrapeAtOnce(url);
  }
  const times: number[] = [];
  let peakBytes = 0;
  for (let round = 0; round < Number(rounds); round += 1) {
    times.push(...(await scrapeAtOnce(url)));
    const text = await (await fetch(url)).text();
    peakBytes = Math.max(peakBytes, valueOf(text, 'process_resident_memory_bytes'));
  }
  const text = await (await fetch(url)).text();
  const failed = text.match(/^sluice_exporter_collector_success\{.*\} 0$/gm) ?? [];
  if (failed.length > 0) {
    throw new Error(failed.join(', '));
  }
  times.sort((left, right) => left - right);
  const p99Ms = times[Math.ceil(times.length * 0.99) - 1];
  const samples = text.split('\n').filter((line) => /^[^#]/.test(line)).length;
  process.stdout.write(`${JSON.stringify({ p99Ms, samples, peakBytes })}\n`);
} finally {
  agent.destroy();
  exporter.kill('SIGTERM');
  await ended;
}

async function readUrl(): Promise<string> {
  let said = '';
  for await (const piece of exporter.stderr) {
    said += String(piece);
    const [, url] = /metrics at (\S+)\n/.exec(said) ?? [];
    if (url !== undefined) {
      exporter.stderr.resume();
      return url;
    }
  }
  throw new Error(`the exporter ended: ${said}`);
}

async function scrapeAtOnce(url: string): Promise<number[]> {
  return Promise.all(Array.from({ length: atOnce }, () => scrape(url)));
}

/**
 * Milliseconds until the last byte was there. It is not inflated: for Prometheus that is done on another
 * machine, and 20 times here would take the processors from whom is measured.
 */
async function scrape(url: string): Promise<number> {
  const beganMs = performance.now();
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  get(url, { agent, headers: { 'Accept-Encoding': 'gzip' } }, resolve).on('error', reject);
  const answer = await promise;
  if (answer.statusCode !== 200 || answer.headers['content-encoding'] !== 'gzip') {
    throw new Error(`expected a compressed answer, got ${String(answer.statusCode)}`);
  }
  answer.resume();
  await once(answer, 'end');
  return performance.now() - beganMs;
}

function valueOf(text: string, name: string): number {
  return Number(new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1]);
}
