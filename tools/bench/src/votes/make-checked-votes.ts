// Makes a database with votes to check, and the tables that results are written to. Arguments: the path
// of the file, and the number of rows.
import { DuckDbWarehouse, migrateDuckDb, opsMigrations } from '@sluice/warehouse';

const [, , path = '', rows = ''] = process.argv;
const warehouse = await DuckDbWarehouse.open({ path, access: 'write', lockTimeoutMs: 0 });
await migrateDuckDb(warehouse, [opsMigrations]);
// The last Id stands twice; one user in ten is there, and one bounty in fifty.
await warehouse.run(`create table votes as
  select least(i + 1, ${Number(rows) - 1}) as Id, (hash(i) % 1000000 + 1)::bigint as PostId,
         (1 + hash(i * 3) % 16)::smallint as VoteTypeId,
         case when hash(i * 7) % 10 = 0 then (hash(i) % 99999)::bigint - 1 end as UserId,
         timestamp '2010-01-01' + to_days((i // 1000)::integer) as CreationDate,
         case when hash(i * 11) % 50 = 0 then (hash(i) % 500)::integer end as BountyAmount,
         (i // 100000)::integer as FileId
    from range(${Number(rows)}) t (i)`);
await warehouse.run('checkpoint');
warehouse.close();
