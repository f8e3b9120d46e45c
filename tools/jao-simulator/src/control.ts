import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';

import { z } from 'zod';

import { faultKinds } from './fault.ts';
import { planJson, planProblem, sendAnswer } from './planned-answer.ts';
import type { PlannedAnswer } from './planned-answer.ts';
import { revisionKinds } from './publication.ts';
import { retryAfterForms } from './rate-limit.ts';
import type { JaoSimulator } from './simulator-api.ts';

const prefix = '/_control/';

/** An instant as epoch milliseconds or as ISO text with a zone. */
const instant = z.union([
  z.int(),
  z.iso.datetime({ offset: true }).transform((iso) => Date.parse(iso)),
]);
const day = z.iso.date();
const kind = z.literal([...faultKinds]);
const faultParameters = {
  seconds: z.number().optional(),
  intervalMs: z.number().positive().optional(),
  sizeBytes: z.int().positive().optional(),
};

const clockSchema = z.union([
  z.strictObject({ set: instant }),
  z.strictObject({ advanceMs: z.int() }),
  z.strictObject({ run: z.number().nonnegative() }),
]);

const revisionSchema = z.strictObject({
  dataset: z.string(),
  businessDay: day,
  kind: z.enum(revisionKinds),
  keys: z.array(z.string()).optional(),
  deliveryStarts: z.array(instant).optional(),
  value: z.number().optional(),
  at: instant.optional(),
});

const postponementSchema = z.strictObject({
  dataset: z.string(),
  businessDay: day,
  at: instant.nullable(),
});

const faultSchema = z.strictObject({
  kind,
  /** JSON has no Infinity: null is for all. */
  times: z.int().positive().nullable().optional(),
  after: z.int().nonnegative().optional(),
  dataset: z.string().optional(),
  businessDay: day.optional(),
  pathPrefix: z.string().optional(),
  key: z.string().optional(),
  deliveryStart: instant.optional(),
  ...faultParameters,
});

const settingsSchema = z.strictObject({
  maxWindowHours: z.number().positive().optional(),
  rateLimit: z
    .strictObject({
      requestsPerMinute: z.int().positive(),
      retryAfter: z.enum(retryAfterForms).optional(),
    })
    .nullable()
    .optional(),
  answersConditionally: z.boolean().optional(),
  datesAnswers: z.boolean().optional(),
  randomFaults: z
    .strictObject({
      rate: z.number().min(0).max(1),
      kinds: z.array(kind).min(1).optional(),
      ...faultParameters,
    })
    .optional(),
});

const truthSchema = z.strictObject({
  dataset: z.string(),
  from: instant,
  to: instant,
  at: instant.optional(),
});

const daysSchema = z.strictObject({ dataset: z.string(), from: day, to: day });

type Command = (simulator: JaoSimulator, input: unknown) => unknown;

/** By method and name; a GET gets its query as input, the others their body. */
const commands: Readonly<Record<string, Command>> = {
  'GET clock': ({ clock }) => clockOf(clock.nowMs()),
  'POST clock': ({ clock }, input) => {
    const command = clockSchema.parse(input);
    if ('set' in command) clock.set(command.set);
    else if ('advanceMs' in command) clock.advance(command.advanceMs);
    else clock.run(command.run);
    return clockOf(clock.nowMs());
  },
  'POST revise': (simulator, input) => {
    const { dataset, businessDay, at, deliveryStarts, ...rest } = revisionSchema.parse(input);
    const revision = { ...rest, deliveryStartsMs: deliveryStarts, atMs: at };
    return simulator.revise(dataset, businessDay, revision);
  },
  'POST postpone': (simulator, input) => {
    const { dataset, businessDay, at } = postponementSchema.parse(input);
    simulator.postpone(dataset, businessDay, at);
    return { dataset, businessDay, atMs: at };
  },
  'POST fault': (simulator, input) => {
    const { times, deliveryStart, ...fault } = faultSchema.parse(input);
    simulator.inject({
      ...fault,
      times: times ?? (times === null ? Infinity : 1),
      deliveryStartMs: deliveryStart,
    });
    return { pending: simulator.pendingFaults() };
  },
  'DELETE faults': (simulator) => {
    simulator.clearFaults();
    return { pending: simulator.pendingFaults() };
  },
  'POST settings': (simulator, input) => {
    const settings = settingsSchema.parse(input);
    simulator.configure(settings);
    return settings;
  },
  'GET requests': (simulator) => ({
    maxInAnyMinute: simulator.maxRequestsInAnyMinute(),
    strayConnections: simulator.strayConnections,
    requests: simulator.requests,
  }),
  'DELETE requests': (simulator) => {
    simulator.clearRequests();
    return { requests: [] };
  },
  'GET truth': (simulator, input) => {
    const { dataset, from, to, at } = truthSchema.parse(input);
    const rows = simulator.truth(dataset, from, to, at);
    return { rows: rows.map((row) => ({ ...row, values: Object.fromEntries(row.values) })) };
  },
  'GET publications': (simulator, input) => {
    const { dataset, from, to } = daysSchema.parse(input);
    return { publications: simulator.publications(dataset, from, to) };
  },
};

/** Whether a request is for the simulator itself, not for the service that it simulates. */
export function isControlPath(url: string | undefined): boolean {
  return url?.startsWith(prefix) ?? false;
}

/**
 * Answers `/_control/…`, by which another process drives the simulator: 200 with what there is now, 400 with
 * what is wrong with the input, 404 for an unknown command.
 */
export function createControl(
  simulator: JaoSimulator,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    void answerCommand(simulator, request).then((answer) => {
      sendAnswer(response, answer);
    });
  };
}

async function answerCommand(
  simulator: JaoSimulator,
  request: IncomingMessage,
): Promise<PlannedAnswer> {
  const [path = '', query] = (request.url ?? '').split('?', 2);
  const command = commands[`${request.method ?? ''} ${path.slice(prefix.length)}`];
  if (command === undefined) return planProblem(404, `${request.method ?? ''} ${path}`);
  try {
    const input: unknown =
      request.method === 'GET'
        ? Object.fromEntries(new URLSearchParams(query))
        : parseBody(await text(request));
    return planJson(JSON.stringify(command(simulator, input)), {});
  } catch (error) {
    if (error instanceof z.ZodError) return planProblem(400, z.prettifyError(error));
    if (error instanceof RangeError || error instanceof SyntaxError) {
      return planProblem(400, error.message);
    }
    return planProblem(500, String(error));
  }
}

function parseBody(body: string): unknown {
  return body === '' ? {} : JSON.parse(body);
}

function clockOf(nowMs: number): { readonly nowMs: number; readonly now: string } {
  return { nowMs, now: new Date(nowMs).toISOString() };
}
