import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';

import type { AnswerCache } from './answer-cache.ts';
import type { SimulatedClock } from './clock.ts';
import { createContentFault } from './content-fault.ts';
import type { FaultPlan } from './fault-plan.ts';
import { isContentFault } from './fault.ts';
import type { Fault } from './fault.ts';
import { monitoringText } from './monitoring.ts';
import { planJson, planProblem, sendAnswer } from './planned-answer.ts';
import type { PlannedAnswer } from './planned-answer.ts';
import { planFault } from './planned-fault.ts';
import type { PublicationCalendar } from './publication-calendar.ts';
import { parseQuestion } from './question.ts';
import type { Question } from './question.ts';
import { createRateWindow, retryAfterText } from './rate-limit.ts';
import type { RateLimit } from './rate-limit.ts';
import { createEntry } from './request-entry.ts';
import type { RequestEntry } from './request-entry.ts';
import type { LoggedRequest } from './request-log.ts';
import type { Source } from './source.ts';
import { hasAnswer, httpDate } from './validators.ts';
import type { Validators } from './validators.ts';
import { sendWireFault } from './wire-fault.ts';

/** What may be changed while the simulator runs. */
export interface ServiceSettings {
  maxWindowHours: number;
  rateLimit: RateLimit | undefined;
  answersConditionally: boolean;
  datesAnswers: boolean;
}

/** Everything that answers are made from. */
export interface ServiceState {
  readonly settings: ServiceSettings;
  readonly clock: SimulatedClock;
  readonly calendar: PublicationCalendar;
  readonly source: Source;
  readonly cache: AnswerCache;
  readonly faults: FaultPlan;
  readonly requests: LoggedRequest[];
  /** The origin that no client should ever ask: `http://127.0.0.1:40123`. */
  readonly strayOrigin: string;
}

/** Answers the requests of the simulated service. */
export function createService(
  state: ServiceState,
): (request: IncomingMessage, response: ServerResponse) => void {
  const rateWindow = createRateWindow();
  return (request, response) => {
    const { path, question } = parseQuestion(request, state.settings.maxWindowHours);
    const entry = createEntry({
      ordinal: state.requests.length + 1,
      simulatedAtMs: state.clock.nowMs(),
      request,
      path,
      question,
    });
    state.requests.push(entry);
    const limit = state.settings.rateLimit;
    const waitMs = limit === undefined ? 0 : rateWindow.take(entry.atMs, limit.requestsPerMinute);
    if (limit !== undefined && waitMs > 0) {
      entry.isRateLimited = true;
      entry.status = 429;
      sendAnswer(response, planRateLimited(limit, waitMs));
      return;
    }
    const fault = state.faults.take({
      path,
      url: request.url ?? '/',
      dataset: entry.dataset,
      businessDay: entry.businessDay,
      hasAnswer: question.kind === 'rows',
    });
    entry.fault = fault?.kind;
    answer({ state, request, response, question, entry, fault });
  };
}

function answer({
  state,
  request,
  response,
  question,
  entry,
  fault,
}: {
  readonly state: ServiceState;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly question: Question;
  readonly entry: RequestEntry;
  readonly fault: Fault | undefined;
}): void {
  const wantsGzip = acceptsGzip(request);
  const send = (plan: PlannedAnswer) => {
    entry.status = plan.status;
    sendAnswer(response, plan);
  };
  if (fault === undefined) {
    const { headers } = request;
    send(planTruth({ state, question, atMs: entry.simulatedAtMs, wantsGzip, headers }));
    return;
  }
  if (isContentFault(fault.kind) && question.kind === 'rows') {
    entry.isContentFault = true;
    const { dataset, window } = question;
    const contents = state.source.contents(dataset, window, entry.simulatedAtMs);
    send(planJson(createContentFault({ fault, dataset, window, contents }), { wantsGzip }));
    return;
  }
  const plain = () =>
    planTruth({
      state,
      question,
      atMs: entry.simulatedAtMs,
      wantsGzip: false,
      headers: {},
    });
  const planned = planFault({ fault, request, plain, wantsGzip, strayOrigin: state.strayOrigin });
  if (planned !== undefined) {
    send(planned);
    return;
  }
  entry.status = sendWireFault({ fault, request, response, truth: plain() });
}

function planTruth({
  state,
  question,
  atMs,
  wantsGzip,
  headers,
}: {
  readonly state: ServiceState;
  readonly question: Question;
  readonly atMs: number;
  readonly wantsGzip: boolean;
  /** What the client has, if it says so. */
  readonly headers: IncomingHttpHeaders;
}): PlannedAnswer {
  if (question.kind === 'refused') return planProblem(question.status, question.detail);
  if (question.kind === 'monitoring') {
    const { region, window } = question;
    const text = monitoringText({ calendar: state.calendar, region, window, atMs });
    return planJson(text, { wantsGzip });
  }
  const { dataset, window } = question;
  const { body, etag } = state.cache.answer({ dataset, window, atMs, wantsGzip });
  const { answersConditionally, datesAnswers } = state.settings;
  const modifiedAtMs = datesAnswers ? state.source.modifiedAtMs(dataset, window, atMs) : undefined;
  const validators: Validators = {
    ...(answersConditionally && { etag }),
    ...(modifiedAtMs !== undefined && { 'last-modified': httpDate(modifiedAtMs) }),
  };
  if (hasAnswer(headers, validators)) {
    return { status: 304, headers: { ...validators }, body: Buffer.alloc(0) };
  }
  const encoding = wantsGzip ? { 'content-encoding': 'gzip' } : {};
  return {
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8', ...encoding, ...validators },
    body,
  };
}

function planRateLimited({ retryAfter = 'seconds' }: RateLimit, waitMs: number): PlannedAnswer {
  const after = retryAfterText(retryAfter, waitMs);
  return planProblem(
    429,
    'Too many requests.',
    after === undefined ? {} : { 'retry-after': after },
  );
}

function acceptsGzip({ headers }: IncomingMessage): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/i.test(headers['accept-encoding'] ?? '');
}
