import { exitCodes } from '@sluice/schemas';
import { expect, test } from 'vitest';
import { z } from 'zod';

import { backfillCommand } from '../../src/backfill/backfill-command.ts';
import { fakeContext } from '../fake-context.ts';
import { startHttpServer } from '../source/local-server.ts';
import { openOwnedDatabase } from '../store/use-store.ts';

const day = '2026-06-10';

test('each request of a redirect is an attempt of its own, without what its URL may have of secrets', async () => {
  const server = await startHttpServer(({ url = '' }, response) => {
    if (url.includes('signature')) {
      response.writeHead(404).end('gone');
    } else {
      response.writeHead(307, { location: `/moved${url}&signature=CANARY` }).end('moved');
    }
  });
  const { database, owner } = await openOwnedDatabase();
  const context = fakeContext({
    flags: {
      databaseUrl: database.url('worker'),
      baseUrl: server.origin,
      requestsPerMinute: '0',
    },
    now: () => new Date('2026-07-01T12:00:00Z'),
  });
  const exitCode = await backfillCommand(context, { from: day, to: day, format: 'json' });
  expect(exitCode).toBe(exitCodes.fellShort);
  const attempts = await owner.rows(
    z.object({ url: z.string(), outcome: z.string(), status: z.int(), wire: z.int() }),
    `select url, outcome, http_status as status, wire_bytes as wire from ops.attempt order by attempt_id`,
  );
  expect(attempts).toMatchObject([
    { outcome: 'redirected', status: 307, wire: 'moved'.length },
    { outcome: 'http_4xx', status: 404, wire: 'gone'.length },
  ]);
  const [first, second] = attempts.map(({ url }) => new URL(url));
  expect(first?.pathname).toBe('/core/api/data/maxExchanges');
  expect(second?.pathname).toBe('/moved/core/api/data/maxExchanges');
  expect(second?.searchParams.get('FromUtc')).toBe('2026-06-09T22:00:00.000Z');
  expect(second?.searchParams.get('signature')).toBe('***');
  expect(context.said()).not.toContain('CANARY');
});
