create table t(a text, b text) with (fillfactor=50, autovacuum_enabled=false);
create unlogged table u(a int);
-- becomes
create table t(a text compression pglz, b text) with (fillfactor=60, toast.autovacuum_enabled=false);
alter table t alter a set storage external, alter b set statistics 500, alter b set (n_distinct=5);
create table u(a int);
create unlogged table n(a text collate "C" not null default 'x');
