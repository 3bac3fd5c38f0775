create table t(a bigint, b char(4), f int[]); create table u(a int);
-- becomes
create unlogged table t(a int, b text) with (fillfactor = 70, toast.autovacuum_enabled = false); create table u(a int, b text) with (toast.vacuum_truncate = false);
