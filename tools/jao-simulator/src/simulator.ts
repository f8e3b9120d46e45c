import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';

import { createAnswerCache } from './answer-cache.ts';
import { addDays, dayEndMs, dayStartMs } from './business-day.ts';
import type { Certificate, CertificateKind } from './certificate.ts';
import { createClock } from './clock.ts';
import { createControl, isControlPath } from './control.ts';
import { datasetOf } from './dataset.ts';
import { createFaultPlan } from './fault-plan.ts';
import { createPublicationCalendar } from './publication-calendar.ts';
import { maxInAnyMinute } from './request-log.ts';
import type { LoggedRequest } from './request-log.ts';
import { createService } from './service.ts';
import type { ServiceSettings, ServiceState } from './service.ts';
import type { JaoSimulator, SimulatorOptions, SimulatorSettings } from './simulator-api.ts';
import { createSource } from './source.ts';

const loopback = '127.0.0.1';
const mebibyte = 2 ** 20;

/**
 * Starts the JAO Publication Tool on loopback, with synthetic values that only the seed decides.
 *
 * @throws {RangeError} for an option out of its range, and the system's error when the port is taken.
 */
export async function startJaoSimulator(options: SimulatorOptions = {}): Promise<JaoSimulator> {
  const stray = createServer((_, response) => response.end('{"data":[]}'));
  let strayConnections = 0;
  stray.on('connection', () => (strayConnections += 1));
  const state = createState(options, await listen(stray, 0));
  let url = '';
  const certificate = options.tls && (await makeCertificate(options.tls));
  const server = certificate === undefined ? createServer() : createTlsServer(certificate);
  const simulator: JaoSimulator = {
    ...createHandle(state),
    get url() {
      return url;
    },
    certificate: certificate?.cert,
    get strayConnections() {
      return strayConnections;
    },
    close: async () => {
      await Promise.all([closeServer(server), closeServer(stray)]);
    },
  };
  const control = createControl(simulator);
  const answer = createService(state);
  server.on('request', (request, response) => {
    if (isControlPath(request.url)) control(request, response);
    else answer(request, response);
  });
  // Longer than any client keeps an idle connection, so that none meets one that is just being closed.
  server.keepAliveTimeout = 120_000;
  url = await listen(server, options.port ?? 0);
  if (certificate !== undefined) url = url.replace('http:', 'https:');
  return simulator;
}

/** Loads what makes certificates only for who wants one: it takes longer than the rest of a start. */
async function makeCertificate(kind: CertificateKind): Promise<Certificate> {
  const { createCertificate } = await import('./certificate.ts');
  return createCertificate(kind, Date.now());
}

function createState(options: SimulatorOptions, strayOrigin: string): ServiceState {
  const { seed = 1, nowMs, jitterMinutes = 10, revisionRate = 0 } = options;
  const calendar = createPublicationCalendar({ seed, jitterMinutes, revisionRate });
  const source = createSource(calendar, seed);
  const requests: LoggedRequest[] = [];
  const state = {
    settings: {
      maxWindowHours: 48,
      rateLimit: undefined,
      answersConditionally: false,
      datesAnswers: false,
    },
    clock: createClock(nowMs),
    calendar,
    source,
    cache: createAnswerCache({ source, maxBytes: options.cacheBytes ?? 256 * mebibyte }),
    faults: createFaultPlan(seed),
    requests,
    strayOrigin,
  };
  configure(state, options);
  return state;
}

type Handle = Omit<JaoSimulator, 'url' | 'certificate' | 'strayConnections' | 'close'>;

function createHandle(state: ServiceState): Handle {
  const { clock, calendar, source, cache, faults, requests } = state;
  return {
    clock,
    requests,
    configure: (settings) => {
      configure(state, settings);
    },
    revise: (name, day, { atMs = clock.nowMs(), ...revision }) =>
      calendar.addRevision(datasetOf(name), day, { ...revision, atMs }),
    postpone: (name, day, atMs) => {
      calendar.postpone(datasetOf(name), day, atMs);
    },
    inject: faults.add,
    pendingFaults: faults.pending,
    clearFaults: faults.clear,
    truth: (name, fromMs, toMs, atMs = clock.nowMs()) =>
      source.truth(datasetOf(name), { fromMs, toMs }, atMs),
    publications: (name, from, to) => source.publications(datasetOf(name), { from, to }),
    lastPublishedDay: (name) => source.lastPublishedDay(datasetOf(name), clock.nowMs()),
    maxRequestsInAnyMinute: () => maxInAnyMinute(requests.map(({ atMs }) => atMs)),
    clearRequests: () => {
      requests.length = 0;
    },
    precompute: (name, from, to) => {
      const dataset = datasetOf(name);
      let days = 0;
      for (let day = from; day <= to; day = addDays(day, 1), days += 1) {
        const window = { fromMs: dayStartMs(day), toMs: dayEndMs(day) };
        cache.answer({ dataset, window, atMs: clock.nowMs(), wantsGzip: true });
      }
      return days;
    },
  };
}

function configure(
  { settings, faults }: { readonly settings: ServiceSettings } & Pick<ServiceState, 'faults'>,
  {
    maxWindowHours,
    rateLimit,
    answersConditionally,
    datesAnswers,
    randomFaults,
  }: SimulatorSettings,
): void {
  if (maxWindowHours !== undefined) settings.maxWindowHours = maxWindowHours;
  if (rateLimit !== undefined) settings.rateLimit = rateLimit ?? undefined;
  if (answersConditionally !== undefined) settings.answersConditionally = answersConditionally;
  if (datesAnswers !== undefined) settings.datesAnswers = datesAnswers;
  if (randomFaults !== undefined) faults.setRandom(randomFaults);
}

async function listen(server: Server, port: number): Promise<string> {
  server.listen(port, loopback);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('listen: no port');
  return `http://${loopback}:${address.port}`;
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
