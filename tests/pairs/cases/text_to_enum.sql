create table t(a text default 'x', b text, c int, d boolean, e timestamp, f json, g text[], h varchar(20)[], i int[], j text);
-- becomes
create type e as enum('x','y');
create table t(a e default 'x', b int, c boolean, d int, e timestamptz, f jsonb, g e[], h text[], i bigint[], j uuid default gen_random_uuid());
