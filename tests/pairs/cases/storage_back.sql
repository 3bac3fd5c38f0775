create table t(a text, b text, c bytea, d int[]) with (fillfactor=50, autovacuum_enabled=false, user_catalog_table=true);
alter table t alter a set storage external, alter b set storage plain, alter c set storage main;
create table v(a int) with (autovacuum_enabled=false, fillfactor=50);
-- becomes
create table t(a text, b text, c bytea, d int[]) with (user_catalog_table=true, fillfactor=60, toast.autovacuum_enabled=false, autovacuum_enabled=false);
create table n(a int) with (user_catalog_table=true, fillfactor=60, autovacuum_enabled=false);
create table v(a int) with (fillfactor=60, autovacuum_enabled=false);
