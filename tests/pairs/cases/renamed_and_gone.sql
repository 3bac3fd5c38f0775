create table t(a int, b int constraint old_name primary key, c uuid);
-- becomes
create table t(a int, b int generated always as (a + 1) stored primary key, c int[]);
